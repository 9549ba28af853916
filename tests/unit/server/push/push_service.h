#pragma once

#include <string>
#include <sys/types.h>

#include <boost/json.hpp>

#include "cloudsign/store/push_table.h"
#include "server/push/outbound_http.h"

namespace server::push {

// tests/support/push_service.py in a process of its own: another implementation of what a sender
// owes a push service and a browser.
class PushService {
public:
    PushService();
    ~PushService();
    PushService(const PushService&) = delete;
    PushService& operator=(const PushService&) = delete;

    static constexpr const char* host = "push.test";
    const std::string& relay() const { return relay_; }
    const std::string& ca_file() const { return ca_file_; }

    // What a browser would make with this key of the server's, for a device.
    cloudsign::store::PushSubscription subscribe(const std::string& device_id,
                                                 const std::string& vapid_key,
                                                 const std::string& behaviour);
    // What came, in order: endpoint, status, message, ttl, topic, at.
    boost::json::array messages();

private:
    boost::json::object control(const std::string& what, const boost::json::object& body);

    pid_t process_ = -1;
    int input_ = -1;
    std::string relay_;
    std::string ca_file_;
    OutboundHttp http_;
};

}  // namespace server::push
