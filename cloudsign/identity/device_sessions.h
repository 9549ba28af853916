#pragma once

#include <string>
#include <string_view>
#include <vector>

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

// Who is calling: the device behind a bearer session of 256 random bits. Any thread.
class DeviceSessions {
public:
    DeviceSessions(store::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}

    using Pointer = std::shared_ptr<const store::Device>;

    // An officer's phone that was put away for so long is connected anew: months may pass without
    // anything for officers, and a session that nobody misses must not stay open for good.
    static constexpr std::int64_t officer_idle_ms = 90ll * 24 * 3600 * 1000;
    static bool is_over(const store::Device& device, std::int64_t now_ms);

    // `unauthenticated` for a session that is unknown or over, or whose device was removed.
    Result<Pointer> authenticate(std::string_view session);

    // The active devices of this one's owner, oldest first.
    Result<std::vector<store::Device>> siblings(const store::Device& device);
    // Of one of the owner's devices. `invalid`, `not_found`.
    Result<void> rename(const store::Device& device,
                        const std::string& id,
                        const std::string& name);
    // Ends the session of one of the owner's devices, and what its browser was to be told. The keys
    // that it may approve with are the module's matter and stay. `not_found`; `conflict` for the
    // last one, as the person would then be without any.
    Result<void> remove_sibling(const store::Device& device, const std::string& id);

    // Every device of a signer, e.g. after the phone was lost: none of them gets or answers
    // anything any more, nor does one that is about to take its place. Answers how many there were.
    Result<std::size_t> remove_all_of(const std::string& signer_id);
    // Ends the device's session at once. `not_found`.
    Result<void> remove(const std::string& device_id);

private:
    store::Database& database_;
    const Clock& clock_;
};

}  // namespace cloudsign::identity
