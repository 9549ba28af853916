#include "firmware/boot/updater.h"

#include "firmware/hardening/twice.h"

namespace firmware::boot {

namespace wire = hsm::protocol;

namespace {

constexpr Byte blank = 0xff;

}  // namespace

Result<Updater::Running> Updater::running() const {
    TRY_ASSIGN(const auto record, state_.load());
    const auto slot = running_slot(record);
    if (!slot) {
        return Status::no_such_record;
    }
    TRY_ASSIGN(const auto head, read_head(*ports_.slots[*slot]));
    if (firmware_hash(head) != record.slots[*slot].firmware_hash) {
        return Status::image_hash_wrong;
    }
    Running release;
    TRY_ASSIGN(release.header,
               wire::decode_firmware_header(ByteView(head).first(wire::firmware_header_size)));
    TRY_ASSIGN(release.variant, variant_for(rules_, release.header, *slot, *ports_.slots[*slot]));
    release.firmware_hash = record.slots[*slot].firmware_hash;
    return release;
}

Result<Updater::Candidate> Updater::examine(ByteView head) const {
    TRY_ASSIGN(const auto record, state_.load());
    const auto confirmed = slot_in(record, SlotState::confirmed);
    if (!confirmed || running_slot(record) != confirmed) {
        return Status::wrong_state;
    }
    TRY_ASSIGN(const auto present, running());
    Candidate candidate;
    TRY(hardening::twice([&]() -> Result<void> {
        TRY_ASSIGN(candidate.header, verify_head(rules_, head));
        const auto& header = candidate.header;
        // What was approved once cannot be put back later: to go back is to release anew.
        return header.version > present.header.version &&
                       header.security_version >= present.header.security_version &&
                       header.security_version >= record.security_floor
                   ? Result<void>()
                   : Status::image_too_old;
    }));
    candidate.slot = other_slot(*confirmed);
    TRY_ASSIGN(
        candidate.variant,
        variant_for(rules_, candidate.header, candidate.slot, *ports_.slots[candidate.slot]));
    std::ranges::copy(head, candidate.head.begin());
    candidate.firmware_hash = firmware_hash(head);
    return candidate;
}

Result<void> Updater::begin(const Candidate& candidate) {
    under_way_ = false;
    sealed_ = false;
    TRY_ASSIGN(const auto record, state_.load());
    // Before the first byte changes: what the record calls startable is whole.
    if (record.slots[candidate.slot].state != SlotState::empty) {
        TRY(state_.store(with_empty(record, candidate.slot)));
    }
    TRY(ports_.slots[candidate.slot]->erase(0));
    candidate_ = candidate;
    written_ = 0;
    under_way_ = true;
    return {};
}

Result<std::uint32_t> Updater::write(std::uint32_t offset, ByteView chunk) {
    if (!under_way_ || sealed_) {
        return Status::update_not_begun;
    }
    if (offset != written_) {
        return Status::update_offset_wrong;
    }
    const auto rest = candidate_.variant.size - written_;
    if (chunk.size() > rest) {
        return Status::image_too_large;
    }
    if (chunk.empty() || (chunk.size() != rest && chunk.size() % wire::update_chunk_unit != 0)) {
        return Status::malformed;
    }
    const auto done = write_chunk(wire::firmware_body_offset + offset, chunk);
    if (!done) {
        under_way_ = false;
        return done.error();
    }
    written_ += static_cast<std::uint32_t>(chunk.size());
    return written_;
}

// Sector by sector; a sector is erased when its first byte comes.
Result<void> Updater::write_chunk(std::uint32_t offset, ByteView chunk) {
    auto& slot = *ports_.slots[candidate_.slot];
    const auto sector_size = slot.geometry().sector_size;
    while (!chunk.empty()) {
        const auto room = sector_size - offset % sector_size;
        const auto part = chunk.first(std::min<std::size_t>(room, chunk.size()));
        if (offset % sector_size == 0) {
            TRY(slot.erase(offset / sector_size));
        }
        TRY(program(slot, offset, part));
        offset += static_cast<std::uint32_t>(part.size());
        chunk = chunk.subspan(part.size());
    }
    return {};
}

// Whole units as they are, the rest of the last one blank.
Result<void> Updater::program(hal::Flash& slot, std::uint32_t offset, ByteView bytes) {
    const auto tail_size = bytes.size() % slot.geometry().program_unit;
    const auto whole = bytes.first(bytes.size() - tail_size);
    if (!whole.empty()) {
        TRY(slot.program(offset, whole));
    }
    if (tail_size == 0) {
        return {};
    }
    std::array<Byte, wire::update_chunk_unit> tail{};
    CHECK(slot.geometry().program_unit <= tail.size());
    tail.fill(blank);
    std::ranges::copy(bytes.last(tail_size), tail.begin());
    return slot.program(offset + static_cast<std::uint32_t>(whole.size()),
                        ByteView(tail).first(slot.geometry().program_unit));
}

Result<void> Updater::seal() {
    if (!under_way_ || sealed_) {
        return Status::update_not_begun;
    }
    if (written_ != candidate_.variant.size) {
        return Status::update_offset_wrong;
    }
    under_way_ = false;
    auto& slot = *ports_.slots[candidate_.slot];
    TRY(program(slot, 0, candidate_.head));
    TRY(slot.sync());
    TRY(hardening::twice([&] { return verify_slot(); }));
    under_way_ = true;
    sealed_ = true;
    return {};
}

// From the flash alone, as the loader will see it.
Result<void> Updater::verify_slot() const {
    auto& slot = *ports_.slots[candidate_.slot];
    TRY_ASSIGN(const auto head, read_head(slot));
    TRY_ASSIGN(const auto header, verify_head(rules_, head));
    if (!hsm::equal_constant_time(firmware_hash(head), candidate_.firmware_hash)) {
        return Status::image_hash_wrong;
    }
    TRY_ASSIGN(const auto variant, variant_for(rules_, header, candidate_.slot, slot));
    return verify_body(slot, variant);
}

Result<void> Updater::activate() {
    if (!sealed_) {
        return Status::update_not_begun;
    }
    under_way_ = false;
    sealed_ = false;
    TRY_ASSIGN(const auto record, state_.load());
    TRY_ASSIGN(const auto authorisation, authorisation_of(ports_.guard, candidate_.firmware_hash));
    return state_.store(
        with_pending(record, candidate_.slot, candidate_.firmware_hash, authorisation));
}

Result<void> Updater::confirm() {
    TRY_ASSIGN(const auto record, state_.load());
    const auto trial = slot_in(record, SlotState::trial);
    if (!trial) {
        return {};
    }
    TRY_ASSIGN(const auto release, running());
    return state_.store(with_confirmed(record, *trial, release.header.security_version));
}

Result<void> Updater::authorise_running() {
    TRY_ASSIGN(const auto record, state_.load());
    const auto slot = running_slot(record);
    if (!slot) {
        return Status::no_such_record;
    }
    TRY_ASSIGN(const auto authorisation,
               authorisation_of(ports_.guard, record.slots[*slot].firmware_hash));
    if (record.slots[*slot].authorisation == authorisation) {
        return {};
    }
    return state_.store(with_authorisation(record, *slot, authorisation));
}

}  // namespace firmware::boot
