#pragma once

#include "firmware/engine/psa/key_vault.h"
#include "firmware/storage/log_store.h"

namespace firmware::engine::psa {

// A board's vault: the records lie in the log store's table, which a power cut cannot hurt.
class StoreVault final : public KeyVault {
public:
    // `store` is mounted before the engine is unlocked, and outlives this.
    explicit StoreVault(storage::LogStore& store) : store_(store) {}

    hsm::Result<std::size_t> load(std::string_view name, hsm::MutableBytes out) override;
    // `storage_full` also for a name longer than a key of the table takes.
    hsm::Result<Creation> create(std::string_view name, hsm::ByteView record) override;
    hsm::Result<void> remove(std::string_view name) override;

private:
    storage::LogStore& store_;
};

}  // namespace firmware::engine::psa
