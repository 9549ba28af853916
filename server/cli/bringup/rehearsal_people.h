#pragma once

#include <array>

#include "hsm/custodian/custodian.h"
#include "hsm/protocol/message.h"
#include "hsm/softphone/authenticator.h"

namespace server::cli::bringup {

// The people of a rehearsal: three custodians of whom two are needed, an officer, a signer. They
// live as long as it does.
class RehearsalPeople {
public:
    RehearsalPeople();

    static constexpr std::size_t custodians_needed = 2;
    const std::array<hsm::custodian::Key, 3>& custodians() const { return custodians_; }
    const hsm::softphone::Passkey& officer() const { return officer_; }
    const hsm::softphone::Passkey& signer() const { return signer_; }
    const hsm::softphone::Passkey& stranger() const { return stranger_; }

    // The encoded assertion of one of them.
    hsm::Bytes approve(const hsm::softphone::Passkey& by, const hsm::Digest& challenge) const;

    // .cbor GroupConfiguration of a group with this one member.
    hsm::Bytes group(hsm::protocol::AssuranceClass assurance_class,
                     const hsm::Digest& member) const;
    // .cbor Policy of the signer's key.
    hsm::Bytes policy() const;
    // What signer and officer approve when the key of this unbound blob is bound.
    hsm::Result<hsm::Digest> bind_root(hsm::ByteView unbound) const;

private:
    std::array<hsm::custodian::Key, 3> custodians_;
    hsm::softphone::Passkey officer_ = hsm::softphone::Passkey::generate();
    hsm::softphone::Passkey signer_ = hsm::softphone::Passkey::generate();
    hsm::softphone::Passkey stranger_ = hsm::softphone::Passkey::generate();
    hsm::Digest subject_hash_{};
};

}  // namespace server::cli::bringup
