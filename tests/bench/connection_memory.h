#pragma once

#include <boost/json/fwd.hpp>

#include "tests/bench/appliance.h"

namespace bench {

struct ConnectionLoad {
    std::size_t connections = 0;
    double per_second = 500;  // how fast they come
};

// The server's memory per TLS connection that was asked once and stays, or, `held`, waits in a v1
// authorize for its signer's phone. Counts those that were still there when memory was looked at.
// Ends the process with a message when the limit of open files is too low for so many.
boost::json::object measure_idle(const Appliance& appliance, const ConnectionLoad& load);
boost::json::object measure_held(const Appliance& appliance, const ConnectionLoad& load);

}  // namespace bench
