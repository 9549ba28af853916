#pragma once

#include "firmware/boot/boot_state.h"
#include "firmware/boot/permit.h"
#include "firmware/boot/release.h"

namespace firmware::boot {

// Where a slot's image runs. In place, that is the slot's own flash; else RAM that it is copied to.
class Placement {
public:
    // The `size` bytes that will run when `slot` is started, there in full. Every check is made on
    // them and not on what they were copied from. `storage_corrupt` where the slot is unreadable.
    virtual Result<ByteView> place(SlotIndex slot, std::uint32_t size) = 0;

protected:
    ~Placement() = default;
};

// Decides at each start which image runs: the one on trial for the first time, else the confirmed
// one. What starts has the maker's signature, is of this board, is not older than the security
// floor, is the one that the record names, byte by byte, and is vouched for by the KEK's flash
// secret while there is one. When the confirmed image is none of that, somebody has put it there:
// the secret is wiped before anything else.
//
// Needs Mbed TLS started. May be cut off at any time and run again.
class Loader {
public:
    struct Ports {
        std::array<hal::Flash*, slot_count> slots;
        hal::Flash& state;
        KekGuard& guard;
        Placement& placement;
    };

    Loader(const ReleaseRules& rules, const Ports& ports)
        : rules_(rules), ports_(ports), state_(ports.state) {}
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;

    // Leaves the image to start in `permit`. Errors, with the permit denied: `image_missing` when
    // no slot holds an image that may start, and what the flash reports.
    Result<void> choose(Permit& permit);

private:
    // One turn: the record goes one step on, or `permit` is settled. True when it is.
    Result<bool> step(Permit& permit);
    Result<void> try_pending(const BootRecord& record, SlotIndex slot);
    Result<bool> settle(SlotIndex slot, Permit& permit);
    Result<void> adopt(const BootRecord& record);
    Result<void> try_to_adopt(SlotIndex slot, std::uint32_t security_floor);
    Result<void> remove_secret(bool unused);

    void evaluate(SlotIndex slot, Permit::Answer& answer);
    Result<std::uint32_t> check_running(SlotIndex slot);
    Result<std::uint32_t> check_named(const BootRecord& record, SlotIndex slot);
    Result<void> check_authorised(const SlotRecord& named);
    Result<FirmwareHeader> check_image(SlotIndex slot,
                                       const FirmwareHead& head,
                                       std::uint32_t security_floor);

    const ReleaseRules& rules_;
    Ports ports_;
    BootState state_;
};

}  // namespace firmware::boot
