#pragma once

#include "firmware/engine/engine.h"
#include "hsm/protocol/key_blob.h"

namespace firmware::keystore {

using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::KeyHeader;
using hsm::protocol::Policy;

// A blob that a module of this group sealed; views point into the blob.
struct VerifiedBlob {
    KeyHeader header;
    ByteView wrapped;
    Policy policy;
    Digest policy_hash{};
};

// Seals header and wrapped key under the MAC of the header's epoch, into `buffer`.
Result<ByteView> seal_blob(engine::Engine& engine,
                           const KeyHeader& header,
                           ByteView wrapped,
                           MutableBytes buffer);

// `blob_malformed`, `blob_epoch_unknown` for another epoch than the current one, `blob_mac_wrong`.
// The MAC covers header and wrapped key together, so no header can be put onto another key.
Result<VerifiedBlob> verify_blob(engine::Engine& engine, std::uint32_t epoch, ByteView blob);

}  // namespace firmware::keystore
