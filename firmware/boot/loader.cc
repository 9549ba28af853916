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
        TRY(adopt(BootRecord{}));
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
    TRY(adopt(*record));
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

// Any image by the maker, not below the floor, on a module that then has nothing to lose. The slot
// that was confirmed comes first: what is wrong there may have been the secret only.
Result<void> Loader::adopt(const BootRecord& record) {
    const auto confirmed = slot_in(record, SlotState::confirmed);
    TRY(remove_secret(confirmed && record.slots[*confirmed].authorisation == Digest{}));
    const auto first = confirmed.value_or(0);
    for (const auto slot : {first, other_slot(first)}) {
        const auto adopted = try_to_adopt(slot, record.security_floor);
        if (adopted || is_of_the_flash(adopted.error())) {
            return adopted;
        }
    }
    return Status::image_missing;
}

Result<void> Loader::try_to_adopt(SlotIndex slot, std::uint32_t security_floor) {
    TRY_ASSIGN(const auto head, read_head(*ports_.slots[slot]));
    TRY_ASSIGN(const auto header, check_image(slot, head, security_floor));
    return state_.store(
        with_adopted(security_floor, slot, firmware_hash(head), header.security_version));
}

// `unused`: no image was ever vouched for, as on a module whose secret has just been drawn.
Result<void> Loader::remove_secret(bool unused) {
    TRY_ASSIGN(const bool held, ports_.guard.holds_secret());
    if (!held) {
        return {};
    }
    return unused ? ports_.guard.forget() : ports_.guard.wipe();
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
    TRY(check_authorised(named));
    return rules_.run_address[slot];
}

// Where there is no secret, there is nothing to lose.
Result<void> Loader::check_authorised(const SlotRecord& named) {
    TRY_ASSIGN(const bool held, ports_.guard.holds_secret());
    if (!held) {
        return {};
    }
    TRY_ASSIGN(const auto authorisation, authorisation_of(ports_.guard, named.firmware_hash));
    return hsm::equal_constant_time(authorisation, named.authorisation)
               ? Result<void>()
               : Status::image_not_authorised;
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
