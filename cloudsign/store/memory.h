#pragma once

#include <array>
#include <bitset>
#include <cstring>
#include <functional>
#include <mutex>
#include <utility>

#include "cloudsign/store/remembered_rows.h"
#include "cloudsign/store/rows.h"

// Inside cloudsign/store only.
namespace cloudsign::store {

// What of the database is kept in memory, and who is told when rows have changed.
struct Database::Memory {
    // Of bytes that are random already.
    struct DigestHash {
        std::size_t operator()(const hsm::Digest& digest) const {
            std::size_t hash = 0;
            std::memcpy(&hash, digest.data(), sizeof hash);
            return hash;
        }
    };

    explicit Memory(std::chrono::milliseconds keep)
        : clients(keep), signers(keep), credentials(keep), devices(keep) {}

    // After a commit that touched rows of these kinds.
    void changed(const std::bitset<row_kinds>& kinds) {
        const auto has = [&](RowKind kind) { return kinds[static_cast<std::size_t>(kind)]; };
        if (has(RowKind::client)) {
            clients.changed();
        }
        if (has(RowKind::signer)) {
            signers.changed();
        }
        if (has(RowKind::credential)) {
            credentials.changed();
        }
        if (has(RowKind::device)) {
            devices.changed();
        }
        for (std::size_t kind = 0; kind < row_kinds; ++kind) {
            if (kinds[kind]) {
                tell(kind);
            }
        }
    }

    void on_touched(RowKind kind, std::function<void()> callback) {
        const std::lock_guard lock(told_mutex);
        told[static_cast<std::size_t>(kind)] = std::move(callback);
    }

    RememberedRows<std::string, Client> clients;
    RememberedRows<std::string, Signer> signers;
    RememberedRows<std::string, Credential> credentials;
    RememberedRows<hsm::Digest, Device, DigestHash> devices;

private:
    void tell(std::size_t kind) {
        const std::lock_guard lock(told_mutex);
        if (told[kind]) {
            told[kind]();
        }
    }

    std::mutex told_mutex;
    std::array<std::function<void()>, row_kinds> told;
};

}  // namespace cloudsign::store
