#include "firmware/keystore/revocation_table.h"

#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace firmware::keystore {
namespace {

// Store key: "r" ‖ key id. Value: minimum version, epoch, then the prepared policy's hash if there
// is one.
constexpr std::size_t key_size = 1 + hsm::digest_size;
constexpr std::size_t value_size_max = 2 * sizeof(std::uint32_t) + hsm::digest_size;
// How many entries one pass over the store forgets.
constexpr std::size_t forget_at_once = 32;

std::array<hsm::Byte, key_size> store_key(const Digest& key_id) {
    std::array<hsm::Byte, key_size> key{};
    key[0] = 'r';
    std::ranges::copy(key_id, key.begin() + 1);
    return key;
}

Result<RevocationEntry> parse(ByteView value) {
    RevocationEntry entry;
    hsm::ByteReader reader(value);
    TRY_ASSIGN(entry.minimum_version, reader.u32());
    TRY_ASSIGN(entry.epoch, reader.u32());
    if (reader.at_end()) {
        return entry;
    }
    TRY_ASSIGN(auto prepared, reader.take(hsm::digest_size));
    if (!reader.at_end()) {
        return Status::malformed;
    }
    std::ranges::copy(prepared, entry.prepared_policy.emplace().begin());
    return entry;
}

}  // namespace

Result<RevocationEntry> RevocationTable::find(const Digest& key_id) const {
    std::array<hsm::Byte, value_size_max> buffer{};
    auto value = store_.get(store_key(key_id), buffer);
    if (!value) {
        if (value.error() == Status::no_such_record) {
            return RevocationEntry{};
        }
        return value.error();
    }
    auto entry = parse(*value);
    if (!entry) {
        return Status::storage_corrupt;
    }
    return entry;
}

Result<void> RevocationTable::check(const Digest& key_id, std::uint32_t version) const {
    TRY_ASSIGN(auto entry, find(key_id));
    constexpr std::uint32_t version_when_bound = 1;
    if (std::max(version, version_when_bound) < entry.minimum_version) {
        return Status::blob_revoked;
    }
    return {};
}

Result<void> RevocationTable::reserve(const Digest& key_id) {
    TRY_ASSIGN(auto entry, find(key_id));
    return put(key_id, entry);
}

Result<void> RevocationTable::put(const Digest& key_id, const RevocationEntry& entry) {
    TRY_ASSIGN(auto before, find(key_id));
    if (entry.minimum_version < before.minimum_version) {
        return Status::blob_revoked;
    }
    std::array<hsm::Byte, value_size_max> buffer{};
    hsm::ByteWriter writer(buffer);
    writer.u32(entry.minimum_version);
    writer.u32(entry.epoch);
    if (entry.prepared_policy) {
        writer.bytes(*entry.prepared_policy);
    }
    auto stored = store_.put(store_key(key_id), writer.written());
    if (!stored && stored.error() == Status::storage_full) {
        return Status::table_full;
    }
    return stored;
}

Result<void> RevocationTable::carry(const Digest& key_id, std::uint32_t epoch) {
    TRY_ASSIGN(auto entry, find(key_id));
    if (entry.minimum_version == 0 || entry.epoch >= epoch) {
        return {};
    }
    entry.epoch = epoch;
    return put(key_id, entry);
}

Result<bool> RevocationTable::next(std::size_t& cursor,
                                   Digest& key_id,
                                   RevocationEntry& entry) const {
    constexpr std::array<hsm::Byte, 1> prefix = {'r'};
    storage::Key key;
    storage::Value value;
    for (;;) {
        TRY_ASSIGN(const bool found, store_.next_entry(prefix, cursor, key, value));
        if (!found) {
            return false;
        }
        if (key.size() != key_size) {
            continue;
        }
        const auto parsed = parse(value);
        if (!parsed) {
            return Status::storage_corrupt;
        }
        entry = *parsed;
        std::ranges::copy(key.view().subspan(1), key_id.begin());
        return true;
    }
}

Result<void> RevocationTable::forget_before(std::uint32_t epoch) {
    for (;;) {
        hsm::protocol::BoundedList<Digest, forget_at_once> old;
        std::size_t cursor = 0;
        Digest key_id{};
        RevocationEntry entry;
        for (;;) {
            TRY_ASSIGN(const bool found, next(cursor, key_id, entry));
            if (!found || (entry.epoch < epoch && !old.push_back(key_id))) {
                break;
            }
        }
        for (const auto& each : old) {
            TRY(store_.erase(store_key(each)));
        }
        if (old.size() < forget_at_once) {
            return {};
        }
    }
}

}  // namespace firmware::keystore
