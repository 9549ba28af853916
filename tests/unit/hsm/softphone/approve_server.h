#pragma once

#include <boost/json.hpp>

#include "hsm/protocol/key_blob.h"
#include "tests/unit/hsm/softphone/tls_server.h"

namespace hsm::softphone::testing {

// The other end of the approve API for one phone: hands out the items it is given, takes answers,
// and remembers them.
class ApproveServer {
public:
    static constexpr const char* session = "session-token_1";
    static constexpr const char* invitation = "invitation-1";
    static constexpr const char* subject = "CN=Lê Minh An,C=VN";

    ApproveServer();

    struct Answer {
        std::string id;
        std::string action;
        boost::json::value body;
    };

    void add(const boost::json::object& item);
    // Items appear only from the n-th fetch of what is pending on.
    void hide_until(unsigned fetches);
    // What the enrolment's binding shall look like, instead of the honest one.
    void tamper_binding(std::function<void(boost::json::object&)> change);
    void break_next_enrolment();

    std::vector<Answer> answers();
    protocol::Point enrolled_point();

    std::string origin() const { return server_->origin(); }
    std::string ca_file() const { return server_->ca_file(); }
    std::string link() const { return origin() + "/enrol#" + invitation; }

private:
    ServerResponse handle(const ServerRequest& request);
    ServerResponse enrol(const ServerRequest& request);
    ServerResponse pending();
    ServerResponse transaction(const ServerRequest& request);

    std::mutex mutex_;
    std::vector<boost::json::object> items_;
    std::vector<Answer> answers_;
    std::function<void(boost::json::object&)> change_;
    protocol::Point point_{};
    unsigned hidden_fetches_ = 0;
    bool break_enrolment_ = false;
    std::unique_ptr<TlsServer> server_;
};

}  // namespace hsm::softphone::testing
