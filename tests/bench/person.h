#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "hsm/softphone/approver.h"

namespace bench {

// Where the appliance answers, and as whom we ask.
struct Portal {
    std::string api_url;
    std::string approve_url;
    std::string ca_file;
    std::string token;
};

// One signer with a phone of their own, and a portal's connection that asks them: so that each
// asks and approves for itself, many at a time.
class Person {
public:
    Person(const Portal& portal, const std::string& phone_file, std::string credential_id);

    // authorize → the phone's approval → authorizeCheck → signHash, over connections kept alive.
    // The time of signHash alone, in microseconds. Exits with a message when a step fails.
    double sign_once(hsm::protocol::KeyType type);

    // Opens a v1 authorize and leaves it held, as far as the server lets it be.
    void authorize_held();
    // A pending transaction that nobody waits for.
    void authorize_pending();

private:
    boost::json::value post(const std::string& path, const boost::json::value& body);
    std::string fresh_hash() const;
    void approve_what_waits();

    const Portal& portal_;
    hsm::softphone::PhoneStore phone_;
    std::string credential_id_;
    hsm::softphone::HttpsClient portal_http_;
    hsm::softphone::HttpsClient phone_http_;
};

// A bearer by client credentials. Exits with a message when it is refused.
std::string fetch_token(const std::string& api_url,
                        const std::string& ca_file,
                        const std::string& client_id,
                        const std::string& secret);

}  // namespace bench
