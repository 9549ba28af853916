#pragma once

#include "hsm/protocol/key_blob.h"
#include "hsm/protocol/statement.h"

namespace firmware::keystore {

using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using hsm::Status;
using hsm::protocol::GroupConfiguration;
using hsm::protocol::KeyKind;
using hsm::protocol::Policy;

// WebAuthn writes an origin into the client data as it is, unless JSON has to escape a character.
// Origins and RP IDs of this product are plain printable ASCII, so they never are: a quote in one
// could move the end of the member that the assertion check compares.
bool is_plain_name(std::string_view name);

// Decodes a policy that a host proposes and checks it against the rules for its kind:
// person and organisation have 1 to 4 different activation keys, an issuer has none (officers
// activate it) and neither have the services (nobody does), RP ID and origin are the group's, no
// backup-eligible key where backup is refused, no activation key that is also an officer's: nobody
// binds a key for themself. `policy_invalid`.
Result<Policy> check_policy(ByteView encoded, KeyKind kind, const GroupConfiguration& group);

bool is_attended_by_holders(KeyKind kind);  // person, organisation

Digest policy_hash(ByteView encoded);

}  // namespace firmware::keystore
