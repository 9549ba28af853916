#pragma once

#include <memory>

#include "firmware/boot/flash_kek_guard.h"
#include "firmware/boot/loader.h"
#include "firmware/boot/updater.h"
#include "firmware/hal/flash_region.h"
#include "tests/support/passkey.h"
#include "tests/support/sim_flash.h"
#include "tests/support/status.h"

namespace firmware::boot::testing {

using tests::support::Bytes;
using tests::support::Passkey;
using tests::support::SimFlash;
using tests::support::status;
using tests::support::Tear;

constexpr std::string_view board_name = "sim_board";
constexpr std::array<std::uint32_t, slot_count> run_addresses = {0x0802'0000, 0x0804'0000};

// One key for a whole test program: making and checking keys is most of what a run costs.
const Passkey& maker();
ReleaseRules rules();

// A signed release and the images in it.
struct Release {
    FirmwareHead head{};
    std::array<Bytes, slot_count> images;
    Digest hash{};
    std::uint32_t version = 0;
    std::uint32_t security_version = 0;
};

struct ReleaseForm {
    std::uint32_t version = 1;
    std::uint32_t security_version = 1;
    std::string_view board = board_name;
    std::size_t size = 1300;  // of each image: more than one sector
    std::array<std::uint32_t, slot_count> addresses = run_addresses;
};
hsm::protocol::FirmwareHeader header_of(const ReleaseForm& form,
                                        const std::array<Bytes, slot_count>& images);
FirmwareHead signed_head(const hsm::protocol::FirmwareHeader& header, const Passkey& by);
Release make_release(const ReleaseForm& form);

// In place: what runs is what the slot holds. The flawed one looks at what was sent instead.
class SimPlacement final : public Placement {
public:
    SimPlacement(std::array<hal::Flash*, slot_count> slots,
                 std::array<const Release*, slot_count> sent)
        : slots_(slots), sent_(sent) {}
    Result<ByteView> place(SlotIndex slot, std::uint32_t size) override;

private:
    std::array<hal::Flash*, slot_count> slots_;
    std::array<const Release*, slot_count> sent_;  // nullptr in a right device
    Bytes placed_;
};

// A flash whose two sectors are one: the boot record written in place, as a loader must not.
class InPlaceFlash final : public hal::Flash {
public:
    explicit InPlaceFlash(hal::Flash& flash) : flash_(flash) {}

    hal::FlashGeometry geometry() const override { return flash_.geometry(); }
    Result<void> read(std::uint32_t offset, MutableBytes into) override {
        return flash_.read(offset % geometry().sector_size, into);
    }
    Result<void> program(std::uint32_t offset, ByteView units) override {
        return flash_.program(offset % geometry().sector_size, units);
    }
    Result<void> erase(std::uint32_t) override { return flash_.erase(0); }
    Result<void> sync() override { return flash_.sync(); }

private:
    hal::Flash& flash_;
};

// What may be wrong with a loader or an updater; the tests of the tests.
enum class Flaw {
    none,
    record_in_place,  // the boot record is rewritten where it stands
    image_unread,     // what is checked is not what runs
};

// Everything of a device that a power cut leaves, and the loader and firmware that run on it.
class SimDevice {
public:
    static constexpr std::uint32_t slot_sectors = 4;
    static constexpr hal::FlashGeometry geometry = {1024, 2 * slot_sectors + 3, 16};

    explicit SimDevice(Flaw flaw = Flaw::none);
    SimDevice(const SimDevice& other);
    SimDevice& operator=(const SimDevice&) = delete;

    // As a factory or a debug probe puts it there.
    Result<void> flash_raw(SlotIndex slot, const Release& release);

    // A start: which slot the loader starts, or why none.
    Result<SlotIndex> start();

    // A flash secret as a first start draws it; it vouches for nothing yet.
    Result<void> draw_secret();
    engine::psa::FlashSecret::Presence secret_presence();

    // The whole download of a release, up to and with `activate`.
    Result<void> install(const Release& release);
    Result<void> download(const Release& release, std::size_t size_max = SIZE_MAX);
    Result<void> finish();

    // Which of `releases` lies in `slot` now, whole, head and image; nullptr for none.
    const Release* found_in(SlotIndex slot, std::span<const Release* const> releases);

    SimFlash flash;
    hal::FlashRegion slot_a{flash, 0, slot_sectors};
    hal::FlashRegion slot_b{flash, slot_sectors, slot_sectors};
    hal::FlashRegion state{flash, 2 * slot_sectors, 2};
    hal::FlashRegion secret{flash, 2 * slot_sectors + 2, 1};
    InPlaceFlash state_in_place{state};
    engine::psa::FlashSecret flash_secret{secret};
    FlashKekGuard guard{flash_secret};

    std::array<hal::Flash*, slot_count> slots() { return {&slot_a, &slot_b}; }
    hal::Flash& state_flash();
    Updater& updater() { return *updater_; }

private:
    const Flaw flaw_;
    ReleaseRules rules_;
    std::unique_ptr<Updater> updater_;  // RAM: new at each start
    std::array<const Release*, slot_count> sent_{};
};

}  // namespace firmware::boot::testing
