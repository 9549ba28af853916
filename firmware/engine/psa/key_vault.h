#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::engine::psa {

constexpr std::size_t vault_record_size_max = 4096;
constexpr std::size_t vault_name_size_max = 48;

enum class Creation { created, existed };

// Where the engine keeps its sealed records at rest: a port that a board owes (a file on Linux,
// flash on a microcontroller). Records are written once and never changed, only removed; modules
// that share the place share every record. What is inside is sealed: the place need not be secret,
// only kept.
class KeyVault {
public:
    KeyVault() = default;
    KeyVault(const KeyVault&) = delete;
    KeyVault& operator=(const KeyVault&) = delete;
    virtual ~KeyVault() = default;

    // The record's size. `key_missing` when there is none of this name, `storage_failed`,
    // `storage_corrupt`.
    virtual hsm::Result<std::size_t> load(std::string_view name, hsm::MutableBytes out) = 0;

    // Durable and whole on return; `existed` leaves the earlier record as it is, and of two that
    // create at once exactly one succeeds. `storage_failed`, `storage_corrupt`, `storage_full`.
    virtual hsm::Result<Creation> create(std::string_view name, hsm::ByteView record) = 0;

    // The record is gone, durably, on return; no error when there is none. A place that cannot
    // overwrite keeps its bytes until their sector is used again: what seals them may outlive them.
    // `storage_failed`.
    virtual hsm::Result<void> remove(std::string_view name) = 0;

    // From hold() to release() no other module of the place is between its own two: the first of
    // them makes what all share. A place with one module has nothing to do. `storage_failed`.
    virtual hsm::Result<void> hold() { return {}; }
    virtual void release() {}
};

}  // namespace firmware::engine::psa
