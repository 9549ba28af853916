#include "firmware/boot/boot_record.h"

#include "firmware/storage/crc32c.h"
#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace firmware::boot {
namespace {

constexpr std::string_view magic = "kysobs";
constexpr std::uint16_t format = 1;
constexpr std::size_t checked_size = 8 + 4 + 4 + slot_count * (4 + 2 * hsm::digest_size);
static_assert(checked_size + 4 <= boot_record_size && boot_record_size % 32 == 0);

bool is_state(SlotState state) {
    switch (state) {
        case SlotState::empty:
        case SlotState::pending:
        case SlotState::trial:
        case SlotState::confirmed:
            return true;
    }
    return false;
}

bool is_candidate(SlotState state) {
    return state == SlotState::pending || state == SlotState::trial;
}

bool is_consistent(const BootRecord& record) {
    const auto first = record.slots[0].state;
    const auto second = record.slots[1].state;
    if (!is_state(first) || !is_state(second) || record.sequence == 0) {
        return false;
    }
    const bool both_confirmed = first == SlotState::confirmed && second == SlotState::confirmed;
    return !both_confirmed && !(is_candidate(first) && is_candidate(second));
}

Result<BootRecord> read_record(hsm::ByteReader& reader) {
    BootRecord record;
    TRY_ASSIGN(auto start, reader.take(magic.size()));
    TRY_ASSIGN(auto number, reader.u16());
    if (hsm::text_of(start) != magic || number != format) {
        return Status::malformed;
    }
    TRY_ASSIGN(record.sequence, reader.u32());
    TRY_ASSIGN(record.security_floor, reader.u32());
    for (auto& slot : record.slots) {
        TRY_ASSIGN(auto state, reader.u32());
        slot.state = static_cast<SlotState>(state);
        TRY_ASSIGN(auto hash, reader.take(slot.firmware_hash.size()));
        std::ranges::copy(hash, slot.firmware_hash.begin());
        TRY_ASSIGN(auto authorisation, reader.take(slot.authorisation.size()));
        std::ranges::copy(authorisation, slot.authorisation.begin());
    }
    return record;
}

}  // namespace

std::optional<SlotIndex> slot_in(const BootRecord& record, SlotState state) {
    for (SlotIndex slot = 0; slot < slot_count; ++slot) {
        if (record.slots[slot].state == state) {
            return slot;
        }
    }
    return std::nullopt;
}

std::optional<SlotIndex> running_slot(const BootRecord& record) {
    const auto trial = slot_in(record, SlotState::trial);
    return trial ? trial : slot_in(record, SlotState::confirmed);
}

BootRecord with_empty(BootRecord record, SlotIndex slot) {
    record.slots[slot] = {};
    return record;
}

BootRecord with_pending(BootRecord record,
                        SlotIndex slot,
                        const Digest& firmware_hash,
                        const Digest& authorisation) {
    CHECK(record.slots[slot].state == SlotState::empty);
    record.slots[slot] = {SlotState::pending, firmware_hash, authorisation};
    return record;
}

BootRecord with_trial(BootRecord record, SlotIndex slot) {
    CHECK(record.slots[slot].state == SlotState::pending);
    record.slots[slot].state = SlotState::trial;
    return record;
}

BootRecord with_confirmed(BootRecord record, SlotIndex slot, std::uint32_t security_version) {
    CHECK(record.slots[slot].state == SlotState::trial);
    record.slots[slot].state = SlotState::confirmed;
    record.slots[other_slot(slot)] = {};
    record.security_floor = std::max(record.security_floor, security_version);
    return record;
}

BootRecord with_authorisation(BootRecord record, SlotIndex slot, const Digest& authorisation) {
    CHECK(record.slots[slot].state != SlotState::empty);
    record.slots[slot].authorisation = authorisation;
    return record;
}

BootRecord with_adopted(std::uint32_t security_floor,
                        SlotIndex slot,
                        const Digest& firmware_hash,
                        std::uint32_t security_version) {
    BootRecord record;
    record.security_floor = std::max(security_floor, security_version);
    record.slots[slot] = {SlotState::confirmed, firmware_hash, {}};
    return record;
}

BootRecordBytes encode(const BootRecord& record) {
    CHECK(is_consistent(record));
    BootRecordBytes bytes{};
    hsm::ByteWriter writer(bytes);
    writer.bytes(hsm::view_of(magic));
    writer.u16(format);
    writer.u32(record.sequence);
    writer.u32(record.security_floor);
    for (const auto& slot : record.slots) {
        writer.u32(static_cast<std::uint32_t>(slot.state));
        writer.bytes(slot.firmware_hash);
        writer.bytes(slot.authorisation);
    }
    writer.u32(storage::crc32c(0, writer.written()));
    CHECK(writer.ok());
    return bytes;
}

std::optional<BootRecord> decode_boot_record(ByteView bytes) {
    if (bytes.size() != boot_record_size) {
        return std::nullopt;
    }
    hsm::ByteReader reader(bytes);
    const auto record = read_record(reader);
    const auto crc = reader.u32();
    if (!record || !crc || *crc != storage::crc32c(0, bytes.first(checked_size)) ||
        !is_consistent(*record) ||
        std::ranges::any_of(reader.rest(), [](Byte b) { return b != 0; })) {
        return std::nullopt;
    }
    return *record;
}

}  // namespace firmware::boot
