#include "firmware/boot/flash_kek_guard.h"
#include "firmware/boot/loader.h"
#include "firmware/engine/digest.h"
#include "tests/faults/ram_flash.h"
#include "tests/faults/runtime.h"
#include "tests/faults/scenario.h"
#include "tests/faults/world.h"

namespace tests::faults {
namespace {

namespace boot = firmware::boot;
namespace engine = firmware::engine;
namespace wire = hsm::protocol;
using boot::SlotIndex;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using hsm::Status;

constexpr std::string_view board_name = "target";
constexpr std::size_t body_size = 96;
constexpr std::array<std::uint32_t, boot::slot_count> run_address = {0x08020000, 0x08040000};
constexpr std::uint32_t slots_end = 0x08060000;

// All that a device keeps while it is off.
struct Device {
    std::array<RamFlash<2048, 1>, boot::slot_count> slots;
    RamFlash<512, 2> state;
    RamFlash<512, 1> secret;
};

// The KEK's flash secret of a device.
class Guard {
public:
    explicit Guard(Device& device) : secret_(device.secret) {}
    boot::FlashKekGuard& port() { return port_; }
    void draw() { CHECK(secret_.draw(std::array<Byte, 32>{0x6b, 0x65, 0x6b}).has_value()); }
    bool holds() {
        const auto held = port_.holds_secret();
        return held && *held;
    }

private:
    engine::psa::FlashSecret secret_;
    boot::FlashKekGuard port_{secret_};
};

Device device;
Device in_order;
Device hostile;
// An image by the maker that the KEK does not vouch for may start, once the secret is gone. Any
// other may not, on a blank module neither.
bool may_start_without_secret = false;

class InPlace final : public boot::Placement {
public:
    Result<ByteView> place(SlotIndex slot, std::uint32_t size) override {
        return ByteView(device.slots[slot].bytes).subspan(wire::firmware_body_offset, size);
    }
};

// What somebody has written into slot A, and into the boot record.
struct FlashPlan {
    bool is_by_maker = true;
    bool is_changed = false;  // after it was signed and recorded
    bool is_authorised = true;
    bool has_secret = true;
    std::uint32_t security_version = 3;
    std::string_view board = board_name;
    boot::SlotState state = boot::SlotState::confirmed;
};

boot::FirmwareHead make_head(const FlashPlan& plan, ByteView body) {
    wire::FirmwareHeader header;
    CHECK(wire::set_board_name(header, plan.board));
    header.version = 1;
    header.security_version = plan.security_version;
    const ByteView parts[] = {body};
    CHECK(header.variants.push_back({run_address[0], body_size, engine::sha256(parts)}));
    boot::FirmwareHead head{};
    const auto bytes = hsm::MutableBytes(head).first(wire::firmware_header_size);
    CHECK(wire::encode_firmware_header(header, bytes).has_value());
    const auto& by = plan.is_by_maker ? world().custodian : world().thief;
    std::ranges::copy(by.sign(boot::firmware_hash(head)),
                      head.begin() + wire::firmware_header_size);
    return head;
}

void make(const FlashPlan& plan, Device& made) {
    made = Device{};
    auto& slot = made.slots[0].bytes;
    const auto body = hsm::MutableBytes(slot).subspan(wire::firmware_body_offset, body_size);
    std::ranges::fill(body, Byte{0x42});
    const auto head = make_head(plan, body);
    std::ranges::copy(head, slot.begin());
    if (plan.is_changed) {
        body[7] ^= 0x10;
    }
    Guard guard(made);
    if (plan.has_secret) {
        guard.draw();
    }
    boot::BootRecord record;
    record.security_floor = 3;
    record.slots[0].state = plan.state;
    record.slots[0].firmware_hash = boot::firmware_hash(head);
    const auto authorisation = boot::authorisation_of(guard.port(), record.slots[0].firmware_hash);
    CHECK(authorisation.has_value());
    record.slots[0].authorisation = *authorisation;
    if (!plan.is_authorised) {
        record.slots[0].authorisation[0] ^= 0x80;
    }
    boot::BootState state(made.state);
    CHECK(state.store(record).has_value());
}

void prepare(const FlashPlan& plan) {
    make({}, in_order);
    make(plan, hostile);
    may_start_without_secret = !plan.is_authorised;
}

// A start as a board's loader makes it, up to the jump.
Status start() {
    boot::ReleaseRules rules;
    rules.board = board_name;
    rules.maker = world().custodian.point();
    rules.run_address = run_address;
    InPlace placement;
    Guard guard(device);
    boot::Loader loader(
        rules, {{&device.slots[0], &device.slots[1]}, device.state, guard.port(), placement});
    boot::Permit permit;
    const auto chosen = loader.choose(permit);
    if (!chosen) {
        return chosen.error();
    }
    // A jump anywhere into the slots runs what is there; elsewhere is nothing.
    const auto address = permit.address();
    return address >= run_address[0] && address < slots_end ? Status::ok : Status::image_missing;
}

Status start_in_order() {
    device = in_order;
    return start();
}

Status start_hostile() {
    device = hostile;
    const auto answer = start();
    if (answer == Status::ok && may_start_without_secret && !Guard(device).holds()) {
        return Status::key_wiped;
    }
    return answer;
}

consteval Scenario boots(const char* name, void (*prepare)(), Status refusal) {
    return {name, prepare, start_in_order, start_hostile, refusal};
}

FAULT_SCENARIO(boot_changed) = boots(
    "boot: image changed", [] { prepare({.is_changed = true}); }, Status::image_missing);
FAULT_SCENARIO(boot_changed_pending) = boots(
    "boot: image changed before its trial",
    [] { prepare({.is_changed = true, .state = boot::SlotState::pending}); },
    Status::image_missing);
FAULT_SCENARIO(boot_other_maker) = boots(
    "boot: image not by the maker", [] { prepare({.is_by_maker = false}); }, Status::image_missing);
FAULT_SCENARIO(boot_other_maker_blank) = boots(
    "boot: image not by the maker, on a blank module",
    [] { prepare({.is_by_maker = false, .has_secret = false}); },
    Status::image_missing);
FAULT_SCENARIO(boot_old) = boots(
    "boot: image below the security floor",
    [] { prepare({.security_version = 2}); },
    Status::image_missing);
FAULT_SCENARIO(boot_other_board) = boots(
    "boot: image of another board", [] { prepare({.board = "other"}); }, Status::image_missing);
FAULT_SCENARIO(boot_not_authorised) = boots(
    "boot: image that the KEK does not vouch for",
    [] { prepare({.is_authorised = false}); },
    Status::key_wiped);

}  // namespace
}  // namespace tests::faults
