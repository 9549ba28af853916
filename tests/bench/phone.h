#pragma once

#include <string>

#include "hsm/softphone/approver.h"
#include "tests/bench/subscriber.h"

namespace bench {

// Where a phone approves: WebAuthn's rpId and origin.
struct Place {
    std::string rp_id;
    std::string origin;
};

// A signer's phone in memory: approves as it should, without its durable counter.
class Phone {
public:
    // The file of kyso-phone. Ends the process with a message when it cannot be read.
    static Phone open(const std::string& file, std::string credential_id);
    // Made again from what follows from the subscriber's number. It has not seen its binding, so
    // it takes the key that its first item names.
    static Phone of(const Subscriber& subscriber, const Place& place);

    const std::string& credential_id() const { return credential_id_; }
    hsm::softphone::Bearer session() const { return {state_.server.session}; }

    // Checks all that a phone checks, then asserts.
    hsm::softphone::OwnedAssertion approve(const hsm::softphone::Item& item);

private:
    Phone(std::string credential_id,
          hsm::softphone::PhoneState state,
          hsm::softphone::Passkey passkey)
        : credential_id_(std::move(credential_id)),
          state_(std::move(state)),
          passkey_(std::move(passkey)) {}

    std::string credential_id_;
    hsm::softphone::PhoneState state_;
    hsm::softphone::Passkey passkey_;
};

}  // namespace bench
