#pragma once

#include "firmware/command/core.h"
#include "firmware/keystore/key_blob.h"

// What the commands that sign without an approval have in common.
namespace firmware::command {

// The blob of a key that officers have bound, of a kind that does this, with an algorithm that fits
// and hashes with SHA-256, which is what this module computes; and room for one more signature.
hsm::Result<keystore::VerifiedBlob> open_service_key(Core& core,
                                                     ByteView blob,
                                                     const hsm::protocol::Algorithm& algorithm);

// Signs `hash`, which the module computed, and logs what `details` say; the key, its kind and its
// version are filled in here. The signature lies in the workspace.
hsm::Result<ByteView> sign_for_service(Core& core,
                                       const keystore::VerifiedBlob& key,
                                       const hsm::protocol::Algorithm& algorithm,
                                       const Digest& hash,
                                       std::uint64_t host_time,
                                       hsm::protocol::ServiceSignedDetails details);

}  // namespace firmware::command
