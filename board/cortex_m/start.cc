#include "board/cortex_m/memory.h"
#include "board/cortex_m/mpu.h"
#include "board/cortex_m/registers.h"
#include "board/cortex_m/stack_guard.h"
#include "firmware/hal/board.h"

namespace {

// Not memcpy and memset: nothing is called before RAM is what the compiler believes it to be.
void copy_words(const std::uint8_t* from, std::uint8_t* to, const std::uint8_t* end) {
    auto* source = reinterpret_cast<const volatile std::uint32_t*>(from);
    for (auto* at = reinterpret_cast<volatile std::uint32_t*>(to);
         at < reinterpret_cast<const volatile std::uint32_t*>(end);
         ++at, ++source) {
        *at = *source;
    }
}

void clear_words(std::uint8_t* from, const std::uint8_t* end) {
    for (auto* at = reinterpret_cast<volatile std::uint32_t*>(from);
         at < reinterpret_cast<const volatile std::uint32_t*>(end);
         ++at) {
        *at = 0;
    }
}

}  // namespace

extern "C" {

using Constructor = void (*)();
extern const Constructor init_array_start[];
extern const Constructor init_array_end[];

// Where the core begins, and where it comes after each reset.
[[noreturn, gnu::used]] void reset_handler() {
    using namespace board::cortex_m;  // NOLINT: this folder's parts
    copy_words(data_load_start, data_start, data_end);
    clear_words(stack_top, core_bss_end);
    clear_words(bss_start, bss_end);
    reg32(scb_vtor) = reinterpret_cast<std::uintptr_t>(image_start);
    protect_memory();
    for (const auto* constructor = init_array_start; constructor != init_array_end; ++constructor) {
        (*constructor)();
    }
    draw_stack_guard();
    __asm__ volatile("cpsie i" ::: "memory");
    firmware::hal::run_image();
}

}  // extern "C"
