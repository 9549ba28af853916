#pragma once

#include <string>

#include <boost/json.hpp>

#include "cloudsign/store/push_table.h"
#include "server/push/outbound_http.h"
#include "tests/unit/server/push/python_server.h"

namespace server::push {

// tests/support/push_service.py in a process of its own: another implementation of what a sender
// owes a push service and a browser.
class PushService {
public:
    static constexpr const char* host = "push.test";
    std::string relay() const { return process_.told("relay"); }
    std::string ca_file() const { return process_.told("ca"); }

    // What a browser would make with this key of the server's, for a device.
    cloudsign::store::PushSubscription subscribe(const std::string& device_id,
                                                 const std::string& vapid_key,
                                                 const std::string& behaviour);
    // What came, in order: endpoint, status, message, ttl, topic, at.
    boost::json::array messages();

private:
    boost::json::object control(const std::string& what, const boost::json::object& body);

    const PythonServer process_{"push_service.py", {}};
    OutboundHttp http_;
};

}  // namespace server::push
