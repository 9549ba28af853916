#pragma once

#include <optional>

#include "firmware/storage/log_store.h"
#include "hsm/protocol/key_blob.h"

namespace firmware::keystore {

using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using hsm::Status;

// What this module remembers of a key that was rebound: blobs below `minimum_version` are refused;
// `prepared_policy` is there when this module prepared that very version itself, and is the
// SHA-256 of the only policy that rebind_finish may release.
struct RevocationEntry {
    std::uint32_t minimum_version = 0;
    std::optional<Digest> prepared_policy;
};

// Key id → entry, in the store's table of values. A minimum version never falls. It lives as long
// as the epoch: the store's size bounds it, and a full table refuses the rebind (`table_full`).
class RevocationTable {
public:
    explicit RevocationTable(storage::LogStore& store) : store_(store) {}

    // Minimum 0 and nothing prepared for a key without an entry. `storage_corrupt`.
    Result<RevocationEntry> find(const Digest& key_id) const;

    // `blob_revoked` when a blob of this version may not be used any more. An unbound blob
    // (version 0) has been superseded as soon as any rebind happened.
    Result<void> check(const Digest& key_id, std::uint32_t version) const;

    // Makes room for an entry, so that a later put for this key cannot find the table full.
    Result<void> reserve(const Digest& key_id);

    // Durable after the store's sync. `blob_revoked` when that would lower the minimum.
    Result<void> put(const Digest& key_id, const RevocationEntry& entry);

private:
    storage::LogStore& store_;
};

}  // namespace firmware::keystore
