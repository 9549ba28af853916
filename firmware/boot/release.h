#pragma once

#include "firmware/boot/boot_record.h"
#include "firmware/boot/kek_guard.h"
#include "firmware/hal/flash.h"
#include "hsm/protocol/firmware_image.h"

// What loader and firmware check alike of a release in a slot.
namespace firmware::boot {

using hsm::protocol::FirmwareHead;
using hsm::protocol::FirmwareHeader;
using hsm::protocol::FirmwareVariant;

// What a board takes for a release of its own.
struct ReleaseRules {
    std::string_view board;
    hsm::protocol::Point maker{};
    // Where the image of each slot runs: the slot itself, or RAM that the loader copies it to.
    std::array<std::uint32_t, slot_count> run_address{};
};

Digest firmware_hash(ByteView head);

// The maker signed this header for this board: `image_malformed`, `image_signature_wrong`,
// `image_of_other_board`. `head` is header ‖ signature.
Result<FirmwareHeader> verify_head(const ReleaseRules& rules, ByteView head);

// The image of this release that runs from `slot`: `image_of_other_board` when it has none,
// `image_too_large` when it does not fit `flash`, the slot's.
Result<FirmwareVariant> variant_for(const ReleaseRules& rules,
                                    const FirmwareHeader& header,
                                    SlotIndex slot,
                                    const hal::Flash& flash);

// The first bytes of a slot; `image_malformed` where they cannot be read.
Result<FirmwareHead> read_head(hal::Flash& slot);

// The whole image as it stands in the slot: `image_hash_wrong`.
Result<void> verify_body(hal::Flash& slot, const FirmwareVariant& variant);

// How the KEK's flash secret vouches for a release: zeros on a module that has none.
Result<Digest> authorisation_of(KekGuard& guard, const Digest& firmware_hash);

}  // namespace firmware::boot
