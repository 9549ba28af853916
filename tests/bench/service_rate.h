#pragma once

#include <boost/json/fwd.hpp>

#include "tests/bench/appliance.h"

namespace bench {

// What relying parties ask (server/api/pki): a request to be posted, whose answer is checked for
// being one.
struct ServiceLoad {
    std::string path;          // "/pki/ocsp"
    std::string type;          // Content-Type
    std::string request_file;  // its bytes
    std::size_t in_flight = 16;
    std::size_t count = 1000;
};

// Closed loop over kept connections: CPU of server and modules for one answer, answers a second.
boost::json::object measure_service(const Appliance& appliance, const ServiceLoad& load);

}  // namespace bench
