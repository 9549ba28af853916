#include "firmware/boot/loader.h"

#include "firmware/engine/digest.h"

namespace firmware::boot {
namespace {

// Trial given up, pending refused, confirmed refused and another adopted, that one started.
constexpr int steps_max = 5;

// Trouble of the device, as opposed to a verdict on an image.
bool is_of_the_flash(Status status) {
    return status == Status::storage_failed || status == Status::storage_full;
}

template <class T>
std::uint32_t word_of(const Result<T>& outcome) {
    const auto status = outcome ? Status::ok : outcome.error();
    return static_cast<std::uint32_t>(status) ^ static_cast<std::uint32_t>(Status::ok) ^
           Permit::granted;
}

}  // namespace

Result<void> Loader::choose(Permit& permit) {
    permit.deny();
    for (int i = 0; i < steps_max; ++i) {
        TRY_ASSIGN(const bool settled, step(permit));
        if (settled) {
            return {};
        }
    }
    return Status::image_missing;
}

Result<bool> Loader::step(Permit& permit) {
    const auto record = state_.load();
    if (!record) {
        if (record.error() != Status::no_such_record) {
            return record.error();
        }
        TRY(adopt(0));
        return false;
    }
    // It has been started, and did not get as far as confirming itself.
    if (const auto trial = slot_in(*record, SlotState::trial)) {
        TRY(state_.store(with_empty(*record, *trial)));
        return false;
    }
    if (const auto pending = slot_in(*record, SlotState::pending)) {
        TRY(try_pending(*record, *pending));
        TRY_ASSIGN(const auto next, state_.load());
        return next.slots[*pending].state == SlotState::trial ? settle(*pending, permit)
                                                              : Result<bool>(false);
    }
    if (const auto confirmed = slot_in(*record, SlotState::confirmed)) {
        TRY_ASSIGN(const bool settled, settle(*confirmed, permit));
        if (settled) {
            return true;
        }
    }
    TRY(adopt(record->security_floor));
    return false;
}

// Written down before it is started: however the trial ends, the next start knows of it.
Result<void> Loader::try_pending(const BootRecord& record, SlotIndex slot) {
    const auto checked = check_named(record, slot);
    if (!checked && is_of_the_flash(checked.error())) {
        return checked.error();
    }
    return state_.store(checked ? with_trial(record, slot) : with_empty(record, slot));
}

// False when the image in `slot` is not what the record says.
Result<bool> Loader::settle(SlotIndex slot, Permit& permit) {
    evaluate(slot, permit.first());
    evaluate(slot, permit.second());
    if (permit.is_granted()) {
        return true;
    }
    permit.deny();
    const auto checked = check_running(slot);
    if (checked) {
        // The evaluations disagree with a third one: a fault, not a state of the flash.
        return Status::self_test_failed;
    }
    if (is_of_the_flash(checked.error())) {
        return checked.error();
    }
    return false;
}

// Any image by the maker, not below the floor, on a module that then has nothing to lose.
Result<void> Loader::adopt(std::uint32_t security_floor) {
    TRY(wipe_secret());
    for (SlotIndex slot = 0; slot < slot_count; ++slot) {
        const auto head = read_head(*ports_.slots[slot]);
        if (!head) {
            if (is_of_the_flash(head.error())) {
                return head.error();
            }
            continue;
        }
        const auto header = check_image(slot, *head, security_floor);
        if (header) {
            return state_.store(
                with_adopted(security_floor, slot, firmware_hash(*head), header->security_version));
        }
        if (is_of_the_flash(header.error())) {
            return header.error();
        }
    }
    return Status::image_missing;
}

Result<void> Loader::wipe_secret() {
    TRY_ASSIGN(const bool held, ports_.guard.holds_secret());
    return held ? ports_.guard.wipe() : Result<void>();
}

// Reads and computes everything anew: nothing that a fault has spoilt in one evaluation reaches the
// other.
void Loader::evaluate(SlotIndex slot, Permit::Answer& answer) {
    const auto checked = check_running(slot);
    answer.address = checked ? *checked : 0;
    answer.word = word_of(checked);
}

Result<std::uint32_t> Loader::check_running(SlotIndex slot) {
    TRY_ASSIGN(const auto record, state_.load());
    if (running_slot(record) != slot) {
        return Status::image_missing;
    }
    return check_named(record, slot);
}

// The image in `slot` is the one that the record names. Answers where it runs.
Result<std::uint32_t> Loader::check_named(const BootRecord& record, SlotIndex slot) {
    const auto& named = record.slots[slot];
    TRY_ASSIGN(const auto head, read_head(*ports_.slots[slot]));
    if (!hsm::equal_constant_time(firmware_hash(head), named.firmware_hash)) {
        return Status::image_hash_wrong;
    }
    TRY(check_image(slot, head, record.security_floor));
    TRY_ASSIGN(const auto authorisation, authorisation_of(ports_.guard, named.firmware_hash));
    if (!hsm::equal_constant_time(authorisation, named.authorisation)) {
        return Status::image_not_authorised;
    }
    return rules_.run_address[slot];
}

Result<FirmwareHeader> Loader::check_image(SlotIndex slot,
                                           const FirmwareHead& head,
                                           std::uint32_t security_floor) {
    TRY_ASSIGN(const auto header, verify_head(rules_, head));
    if (header.security_version < security_floor) {
        return Status::image_too_old;
    }
    TRY_ASSIGN(const auto variant, variant_for(rules_, header, slot, *ports_.slots[slot]));
    const auto image = ports_.placement.place(slot, variant.size);
    if (!image && is_of_the_flash(image.error())) {
        return image.error();
    }
    if (!image || image->size() != variant.size) {
        return Status::image_hash_wrong;
    }
    const std::array parts{*image};
    if (!hsm::equal_constant_time(engine::sha256(parts), variant.hash)) {
        return Status::image_hash_wrong;
    }
    return header;
}

}  // namespace firmware::boot
