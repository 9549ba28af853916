#pragma once

#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/json/fwd.hpp>

#include "hsm/softphone/https_client.h"
#include "tests/bench/phone.h"
#include "tests/bench/tls_connection.h"

namespace bench {

// Where the appliance answers, and as whom we ask.
struct Portal {
    std::string api_url;
    std::string approve_url;
    std::string ca_file;
    std::string token;
};

// One portal's and one phone's connection, kept alive: whoever signs, one after the other.
class FlowClient {
public:
    // Connects; from then on whoever asks parks in `io` while it waits.
    FlowClient(const Portal& portal, boost::asio::io_context& io);

    // authorize → the phone's approval → authorizeCheck → signHash. The time of signHash alone, in
    // microseconds. Ends the process with a message when a step fails.
    double sign_once(Phone& phone, hsm::protocol::KeyType type);

    // A pending transaction that nobody waits for.
    void authorize(const Phone& phone);

private:
    boost::json::value post(const std::string& path, const boost::json::object& body);
    boost::json::value on_phone(const Phone& phone,
                                const std::string& path,
                                const boost::json::object* body);
    boost::json::value open(const Phone& phone, const std::string& hash);
    void approve_what_waits(Phone& phone);

    const Portal& portal_;
    TlsPeer api_;
    TlsPeer approve_;
    TlsConnection portal_connection_;
    TlsConnection phone_connection_;
};

// A hash that nobody has asked for yet, as the API takes it.
std::string fresh_hash();

// A bearer by client credentials. Ends the process with a message when it is refused.
std::string fetch_token(const std::string& api_url,
                        const std::string& ca_file,
                        const std::string& client_id,
                        const std::string& secret);

}  // namespace bench
