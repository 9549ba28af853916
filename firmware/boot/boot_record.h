#pragma once

#include <array>
#include <optional>

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::boot {

using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

constexpr std::size_t slot_count = 2;
using SlotIndex = std::uint32_t;

constexpr SlotIndex other_slot(SlotIndex slot) {
    return slot ^ 1u;
}

// Words far from each other, as they stand in flash.
enum class SlotState : std::uint32_t {
    empty = 0x3c96a55a,      // nothing that may start: erased, being written, given up
    pending = 0xa53c5a69,    // verified and approved; starts on trial at the next start
    trial = 0x5ac33ca5,      // has been started once, and has not confirmed itself
    confirmed = 0xc36996f0,  // works; starts until another one does
};

struct SlotRecord {
    SlotState state = SlotState::empty;
    Digest firmware_hash{};  // SHA-256 of the release's header; zeros while empty
    // MAC by which the KEK's flash secret vouches for firmware_hash; zeros while none ever has.
    Digest authorisation{};

    friend bool operator==(const SlotRecord&, const SlotRecord&) = default;
};

// All that outlives a power cut. At most one slot is confirmed, and at most one pending or on
// trial; the functions below are the only ways from one record to the next.
struct BootRecord {
    std::uint32_t sequence = 0;
    std::uint32_t security_floor = 0;  // images below do not start
    std::array<SlotRecord, slot_count> slots{};

    friend bool operator==(const BootRecord&, const BootRecord&) = default;
};

std::optional<SlotIndex> slot_in(const BootRecord& record, SlotState state);

// The slot whose image runs now. The loader starts nothing but these, and writes down a trial
// before it starts it.
std::optional<SlotIndex> running_slot(const BootRecord& record);

BootRecord with_empty(BootRecord record, SlotIndex slot);
BootRecord with_pending(BootRecord record,
                        SlotIndex slot,
                        const Digest& firmware_hash,
                        const Digest& authorisation);
// `slot` is pending.
BootRecord with_trial(BootRecord record, SlotIndex slot);
// The other slot's image is given up, and images below `security_version` are from now on.
BootRecord with_confirmed(BootRecord record, SlotIndex slot, std::uint32_t security_version);
BootRecord with_authorisation(BootRecord record, SlotIndex slot, const Digest& authorisation);
// What a loader makes of a slot that no record speaks of.
BootRecord with_adopted(std::uint32_t security_floor,
                        SlotIndex slot,
                        const Digest& firmware_hash,
                        std::uint32_t security_version);

// A whole number of any program unit up to 32 bytes.
constexpr std::size_t boot_record_size = 160;
using BootRecordBytes = std::array<Byte, boot_record_size>;

BootRecordBytes encode(const BootRecord& record);
// Nothing for bytes that are no whole record, or one that no sequence of the above leads to.
std::optional<BootRecord> decode_boot_record(ByteView bytes);

}  // namespace firmware::boot
