#include "firmware/boot/flash_kek_guard.h"
#include "firmware/boot/loader.h"
#include "firmware/boot/maker_key.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/platform.h"
#include "firmware/hal/board.h"
#include "firmware/hal/boot_slots.h"
#include "firmware/hal/panic.h"

// The loader's image: chooses, and is gone.
namespace firmware::boot {
namespace {

// One key, and the work of one verification.
alignas(8) std::array<Byte, 8192> arena;

class BoardPlacement final : public Placement {
public:
    explicit BoardPlacement(hal::BootSlots& slots) : slots_(slots) {}

    Result<ByteView> place(SlotIndex slot, std::uint32_t size) override {
        if (slots_.run_memory.empty()) {
            // NOLINTNEXTLINE: the address of mapped flash
            return ByteView(reinterpret_cast<const Byte*>(slots_.run_address[slot]), size);
        }
        if (size > slots_.run_memory.size()) {
            return Status::storage_corrupt;
        }
        const auto placed = slots_.run_memory.first(size);
        TRY(slots_.slots[slot]->read(hsm::protocol::firmware_body_offset, placed));
        return ByteView(placed);
    }

private:
    hal::BootSlots& slots_;
};

[[noreturn]] void run() {
    engine::psa::use_arena(arena);
    if (!engine::psa::initialize()) {
        hal::panic(hal::PanicCause::check, 1);
    }
    auto& board = hal::boot_slots();
    const ReleaseRules rules{KYSO_BOARD_NAME, maker_point, board.run_address};
    engine::psa::FlashSecret secret(board.secret);
    FlashKekGuard guard(secret);
    BoardPlacement placement(board);
    Loader loader(rules, {board.slots, board.state, guard, placement});
    Permit permit;
    if (const auto chosen = loader.choose(permit); !chosen) {
        if (chosen.error() == Status::image_missing) {
            hal::halt();
        }
        hal::panic(hal::PanicCause::check, static_cast<std::uint32_t>(chosen.error()));
    }
    hal::start_image(permit.address());
}

}  // namespace
}  // namespace firmware::boot

void firmware::hal::run_image() {
    boot::run();
}
