#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsm/openssl/base64.h"
#include "hsm/protocol/types.h"
#include "hsm/softphone/problem.h"

namespace hsm::softphone {

enum class PhoneRole { signer, officer };

// A key in the module that this phone has approved the binding of: a signer's own, or one that an
// officer has confirmed for somebody. Never taken from the server afterwards.
struct KnownKey {
    Digest key_id{};
    protocol::KeyKind kind = protocol::KeyKind::person;
    Digest policy_hash{};
    Bytes policy;               // .cbor Policy; empty on an officer's phone
    std::string subject;        // whom the key was bound for
    std::uint32_t version = 1;  // highest blob version seen
    std::string credential_id;
};

// The credential that this phone asked to be enrolled for.
struct Enrolment {
    std::string credential_id;
    std::string transaction_id;  // of the binding
};

// A phone that waits to take an old one's place: the bearer by which it is told how far that is.
struct Joining {
    std::string session;
};

struct ServerLink {
    std::string url;      // https://host[:port], where the approve API is
    std::string ca_file;  // PEM, the only authority that is believed; empty: the system's
    std::string session;  // bearer
};

// Everything that a phone keeps.
struct PhoneState {
    PhoneRole role = PhoneRole::signer;
    std::string name;
    std::string rp_id;
    std::string origin;
    std::string private_key;  // PEM
    Bytes webauthn_id;        // WebAuthn's credential id
    std::uint32_t sign_count = 0;
    bool backup_eligible = false;
    ServerLink server;
    std::optional<Enrolment> enrolment;
    std::optional<Joining> joining;
    std::vector<KnownKey> keys;

    const KnownKey* key(const Digest& key_id) const;
};

// The phone's file: one JSON object, `format` 1.
std::string write_state(const PhoneState& state);
Outcome<PhoneState> read_state(std::string_view text);

}  // namespace hsm::softphone
