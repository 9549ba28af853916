#pragma once

#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::identity {

// A device that is not stored yet, and the bearer session that only the device will know.
struct NewDevice {
    store::Device row;
    std::string session;
};
// The caller inserts `row`, in the commit that it belongs to. Its thumbprint is computed here.
NewDevice new_device(store::DeviceOwner owner_kind,
                     const std::string& owner_id,
                     const std::string& name,
                     const hsm::protocol::Point& point,
                     bool backup_eligible,
                     std::int64_t now_ms);

// Who is calling: the device behind a bearer session of 256 random bits. Remembers the last few
// thousand for a short while, so that a removal by another server counts at most that much later.
// Any thread.
class DeviceSessions {
public:
    static constexpr std::size_t remembered_max = 4096;
    static constexpr std::int64_t remembered_ms = 30'000;

    DeviceSessions(store::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}

    // `unauthenticated` for a session that is unknown or whose device was removed.
    Result<store::Device> authenticate(std::string_view session);

    // Ends the device's session at once. `not_found`.
    Result<void> remove(const std::string& device_id);

private:
    struct Remembered {
        store::Device device;
        std::int64_t until_ms = 0;
    };
    struct DigestHash {
        std::size_t operator()(const hsm::Digest& digest) const {
            std::size_t hash = 0;
            std::memcpy(&hash, digest.data(), sizeof hash);
            return hash;
        }
    };

    void remember(const store::Device& device, std::uint64_t removals, std::int64_t now);

    store::Database& database_;
    const Clock& clock_;
    std::mutex mutex_;
    std::uint64_t removals_ = 0;
    std::unordered_map<hsm::Digest, Remembered, DigestHash> remembered_;
};

}  // namespace cloudsign::identity
