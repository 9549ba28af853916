#pragma once

#include "board/host/softhsm/session.h"
#include "firmware/engine/spki.h"

// Session objects for the keys of a signer, by their SubjectPublicKeyInfo or under a KEK.
namespace board::host::softhsm {

struct Flag {
    CK_ATTRIBUTE_TYPE type;
    bool value;
};

// The KEK's unwrap template: SoftHSM 2.6.1 refuses every C_UnwrapKey that does not say the same.
inline constexpr std::array<Flag, 3> unwrapped_key_flags = {
    {{CKA_TOKEN, false}, {CKA_SENSITIVE, true}, {CKA_EXTRACTABLE, false}}};

hsm::Result<firmware::engine::Spki> read_ec_spki(Session& session,
                                                 hsm::protocol::KeyType type,
                                                 CK_OBJECT_HANDLE public_key);
hsm::Result<firmware::engine::Spki> read_spki(Session& session,
                                              hsm::protocol::KeyType type,
                                              CK_OBJECT_HANDLE public_key);

hsm::Result<SessionObject> create_ec_public_key(Session& session,
                                                hsm::protocol::KeyType type,
                                                hsm::ByteView point);
hsm::Result<SessionObject> create_public_key(Session& session,
                                             hsm::protocol::KeyType type,
                                             hsm::ByteView spki);

// SENSITIVE, and EXTRACTABLE: to be wrapped, at once.
hsm::Result<SessionKeyPair> generate_session_pair(Session& session, hsm::protocol::KeyType type);

// `blob_malformed` when `wrapped` was not made under `kek`.
hsm::Result<SessionObject> unwrap(Session& session,
                                  CK_OBJECT_HANDLE kek,
                                  hsm::protocol::KeyType type,
                                  hsm::ByteView wrapped);

}  // namespace board::host::softhsm
