#pragma once

#include "firmware/boot/boot_state.h"
#include "firmware/boot/release.h"
#include "hsm/protocol/update_message.h"

namespace firmware::boot {

// The firmware's side of an update: takes a release into the slot that does not run, has it started
// on trial at the next start, and confirms itself when it is the one on trial. Who may ask for it
// is the commands' rule.
class Updater {
public:
    struct Ports {
        std::array<hal::Flash*, slot_count> slots;
        hal::Flash& state;
        KekGuard& guard;
    };

    // Something that may be installed here.
    struct Candidate {
        FirmwareHead head{};
        FirmwareHeader header;
        FirmwareVariant variant;  // the one for the slot
        SlotIndex slot = 0;
        Digest firmware_hash{};
    };

    Updater(const ReleaseRules& rules, const Ports& ports)
        : rules_(rules), ports_(ports), state_(ports.state) {}
    Updater(const Updater&) = delete;
    Updater& operator=(const Updater&) = delete;

    std::string_view board() const { return rules_.board; }
    // `no_such_record` when no loader has started this image.
    Result<BootRecord> record() const { return state_.load(); }
    // The release that runs now: `no_such_record` when no loader has started this image,
    // `image_hash_wrong` when its slot does not hold it.
    struct Running {
        FirmwareHeader header;
        FirmwareVariant variant;  // the one that runs
        Digest firmware_hash{};
    };
    Result<Running> running() const;

    // May this release follow the one that runs? Its version is higher, and its security version
    // not lower. `wrong_state` while the running one is on trial; image_*. Changes nothing.
    Result<Candidate> examine(ByteView head) const;

    // Gives up what the other slot held and makes room. An update under way ends.
    Result<void> begin(const Candidate& candidate);
    bool is_under_way() const { return under_way_; }
    const Candidate& candidate() const { return candidate_; }
    std::uint32_t written() const { return written_; }

    // The next bytes of the image; answers how many are there now. All but the last chunk are
    // multiples of update_chunk_unit (`malformed`). `update_not_begun`, `update_offset_wrong` and
    // `image_too_large` change nothing; after an error of the flash the update has to begin again.
    Result<std::uint32_t> write(std::uint32_t offset, ByteView chunk);

    // The release is there in full, and it is the candidate, twice verified: `update_offset_wrong`
    // when bytes are missing, `image_hash_wrong`. It does not start before activate().
    Result<void> seal();
    // After seal(): the next start tries it. Durable.
    Result<void> activate();

    // The running image works. Nothing to do unless it is on trial; durable.
    Result<void> confirm();

    // The KEK's flash secret has just been made: it vouches for the image that made it. Without
    // this the next start wipes it.
    Result<void> authorise_running();

private:
    Result<void> write_chunk(std::uint32_t offset, ByteView chunk);
    Result<void> program(hal::Flash& slot, std::uint32_t offset, ByteView bytes);
    Result<void> verify_slot() const;

    const ReleaseRules& rules_;
    Ports ports_;
    BootState state_;
    Candidate candidate_;
    std::uint32_t written_ = 0;
    bool under_way_ = false;
    bool sealed_ = false;
};

}  // namespace firmware::boot
