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
    std::uint32_t epoch = 0;  // of the blobs that it is about
    std::optional<Digest> prepared_policy;
};

// Key id → entry, in the store's table of values. A minimum version never falls. An entry lives as
// long as its epoch: the store's size bounds the table, a full one refuses the rebind
// (`table_full`), and the end of an epoch empties it of what was about that epoch's blobs.
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

    // The entries of epochs before this one. Stopped half way, it leaves entries that no longer
    // matter. Durable after the store's sync.
    Result<void> forget_before(std::uint32_t epoch);

    // The key's entry, if it has one, is about blobs of this epoch too: it stays when those of the
    // epoch before are forgotten. Durable after the store's sync.
    Result<void> carry(const Digest& key_id, std::uint32_t epoch);

    // The next entry, in no particular order; false after the last. `cursor` begins at 0 and is
    // void after any change of the store's values (LogStore::entry_changes()).
    Result<bool> next(std::size_t& cursor, Digest& key_id, RevocationEntry& entry) const;

    // Durable after the store's sync. `blob_revoked` when that would lower the minimum.
    Result<void> put(const Digest& key_id, const RevocationEntry& entry);

private:
    storage::LogStore& store_;
};

}  // namespace firmware::keystore
