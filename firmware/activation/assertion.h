#pragma once

#include "firmware/engine/engine.h"
#include "hsm/protocol/activation.h"
#include "hsm/protocol/key_blob.h"

namespace firmware::activation {

using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using hsm::Status;
using hsm::protocol::ActivationKey;
using hsm::protocol::Assertion;
using hsm::protocol::BackupPolicy;

// What an assertion has to say, whoever makes it.
struct AssertionRule {
    std::string_view rp_id;
    std::string_view origin;
    Digest challenge{};
};

// A passkey that may approve, and whether it may be one that is synced.
struct Approver {
    Digest thumbprint{};
    ActivationKey key;
    BackupPolicy backup = BackupPolicy::refused;
};

// What the audit log keeps of an assertion that was accepted.
struct AcceptedAssertion {
    Digest thumbprint{};
    std::uint8_t flags = 0;
    std::uint32_t sign_count = 0;  // recorded, not enforced: synced passkeys answer 0
    Digest hash{};                 // SHA-256(authData ‖ SHA-256(clientDataJSON) ‖ signature)
};

// WebAuthn Level 3 §7.2 for one assertion by `approver`, as far as it does not need a server's
// memory, with the "limited verification" of §5.8.1.2 for the client data: a byte comparison of its
// beginning, no JSON parser. Statuses assertion_*.
Result<AcceptedAssertion> verify_assertion(engine::Engine& engine,
                                           const AssertionRule& rule,
                                           const Approver& approver,
                                           const Assertion& assertion);

}  // namespace firmware::activation
