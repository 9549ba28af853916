#include "firmware/engine/psa/store_vault.h"

namespace firmware::engine::psa {

using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

namespace {

constexpr std::string_view prefix = "vault:";  // beside what the commands keep in the same table

Result<storage::Key> key_of(std::string_view name) {
    storage::Key key;
    if (!key.append(hsm::view_of(prefix)) || !key.append(hsm::view_of(name))) {
        return Status::storage_full;
    }
    return key;
}

}  // namespace

Result<std::size_t> StoreVault::load(std::string_view name, MutableBytes out) {
    TRY_ASSIGN(const auto key, key_of(name));
    const auto record = store_.get(key, out);
    if (!record) {
        switch (record.error()) {
            case Status::no_such_record:
                return Status::key_missing;
            case Status::malformed:  // longer than anything that was put here
                return Status::storage_corrupt;
            default:
                return record.error();
        }
    }
    return record->size();
}

Result<Creation> StoreVault::create(std::string_view name, ByteView record) {
    TRY_ASSIGN(const auto key, key_of(name));
    // Only whether it is there counts: too short a buffer is an answer too.
    const auto found = store_.get(key, {});
    if (found || found.error() == Status::malformed) {
        return Creation::existed;
    }
    if (found.error() != Status::no_such_record) {
        return found.error();
    }
    TRY(store_.put(key, record));
    TRY(store_.sync());
    return Creation::created;
}

Result<void> StoreVault::remove(std::string_view name) {
    TRY_ASSIGN(const auto key, key_of(name));
    TRY(store_.erase(key));
    return store_.sync();
}

}  // namespace firmware::engine::psa
