#pragma once

#include "tests/support/module_fixture.h"
#include "tests/unit/firmware/boot/sim_device.h"

namespace tests::hostile {

namespace wire = hsm::protocol;
using firmware::boot::testing::Release;
using firmware::boot::testing::SimDevice;
using hsm::Status;
using support::Bytes;

// A module that a loader has started from simulated slots, and the people around it: three
// officers, of whom two are asked.
class UpdateSite {
public:
    UpdateSite();

    // As after a power cut: the loader chooses, the module is unlocked. The slot that started.
    firmware::boot::SlotIndex restart();

    support::Target operating() { return group_.target(0, wire::Role::operating); }
    const support::People& people() const { return group_.people; }
    support::InProcessModule& module() { return group_[0]; }

    std::array<hsm::Byte, 16> group_id();
    hsm::Digest challenge_of(const Release& release);

    // A right request; `approvals` may be replaced, and outlive what is made of them.
    wire::UpdateBeginRequest begin_request(const Release& release,
                                           const std::vector<Bytes>& approvals);
    std::vector<Bytes> approvals_of(const Release& release);

    // All chunks of the image that the module asks for.
    Status begin(const Release& release);
    Status write_all(const Release& release);
    Status finish();

    wire::UpdateStateResponse state();

    // What an update changes when nothing is refused: record, slots and log.
    Bytes everything();

    const Release present;  // version 1.0.1, security version 2
    const Release next;     // version 1.0.2
    SimDevice device;

private:
    support::ModuleGroup group_;
    Bytes state_response_;
};

constexpr std::uint32_t version_of(std::uint32_t major, std::uint32_t minor, std::uint32_t patch) {
    return major << 24 | minor << 16 | patch;
}

}  // namespace tests::hostile
