#include "board/cortex_m/memory.h"
#include "board/cortex_m/registers.h"
#include "firmware/hal/boot_slots.h"

namespace firmware::hal {

// As after a reset: no interrupt enabled or pending and none masked, no MPU, the image's own stack.
// Its reset handler does the rest.
[[noreturn]] void start_image(std::uint32_t address) {
    using namespace board::cortex_m;  // NOLINT: this folder's registers
    constexpr std::uintptr_t mpu_ctrl = 0xe000ed94;
    constexpr std::uintptr_t nvic_icpr = 0xe000e280;
    constexpr std::uintptr_t scb_icsr = 0xe000ed04;
    constexpr std::uint32_t clear_pending_tick = 1u << 25;
    constexpr unsigned interrupt_words = 16;
    constexpr std::uintptr_t mpu_rnr = 0xe000ed98;
    constexpr std::uintptr_t mpu_region_limit =
        0xe000eda0;  // its enable bit, on either architecture
    constexpr unsigned mpu_regions = 8;
    __asm__ volatile("cpsid i" ::: "memory");
    reg32(syst_csr) = 0;
    for (unsigned i = 0; i < interrupt_words; ++i) {
        reg32(nvic_icer + 4 * i) = 0xffffffff;
        reg32(nvic_icpr + 4 * i) = 0xffffffff;
    }
    reg32(scb_icsr) = clear_pending_tick;
    reg32(mpu_ctrl) = 0;
    for (unsigned i = 0; i < mpu_regions; ++i) {
        reg32(mpu_rnr) = i;
        reg32(mpu_region_limit) = 0;
    }
    reg32(scb_vtor) = address;
    data_barrier();
    instruction_barrier();
    const auto stack = reg32(address);
    const auto reset = reg32(address + 4);
    __asm__ volatile(
#if __ARM_ARCH >= 8
        "movs r3, #0\n"
        "msr msplim, r3\n"
#endif
        "msr msp, %0\n"
        "cpsie i\n"  // none is enabled
        "bx %1\n"
        :
        : "r"(stack), "r"(reset)
        : "r3", "memory");
    __builtin_unreachable();
}

[[noreturn]] void halt() {
    __asm__ volatile("cpsid i" ::: "memory");
    for (;;) {
        board::cortex_m::wait_for_interrupt();
    }
}

}  // namespace firmware::hal
