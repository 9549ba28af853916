#include "firmware/hal/panic.h"

#include "board/cortex_m/memory.h"
#include "board/cortex_m/registers.h"

namespace {

// What tells a record from whatever RAM holds when the power comes.
constexpr std::uint32_t record_magic = 0x6b50414e;

struct KeptRecord {
    std::uint32_t magic;
    std::uint32_t cause;
    std::uint32_t detail;
    std::uint32_t check;  // complement of the three, added
};

KeptRecord& kept() {
    return *reinterpret_cast<KeptRecord*>(kept_start);
}

}  // namespace

namespace firmware::hal {

// Stores and loop in one piece of assembly: from the first word overwritten the stack is gone.
[[gnu::noinline]] void panic(PanicCause cause, std::uint32_t detail) {
    const auto code = static_cast<std::uint32_t>(cause);
    kept() = {record_magic, code, detail, ~(record_magic + code + detail)};
    constexpr std::uint32_t reset_request = 0x05fa0004;  // VECTKEY, SYSRESETREQ
    __asm__ volatile(
        "cpsid i\n"
        "dsb\n"
        "movs r3, #0\n"
        "1: str r3, [%0], #4\n"
        "cmp %0, %1\n"
        "blo 1b\n"
        "2: str r3, [%2], #4\n"
        "cmp %2, %3\n"
        "blo 2b\n"
        "dsb\n"
        "3: str %5, [%4]\n"
        "dsb\n"
        "b 3b\n"
        :
        : "r"(stack_guard_end),
          "r"(core_bss_end),
          "r"(data_start),
          "r"(kept_start),
          "r"(board::cortex_m::scb_aircr),
          "r"(reset_request)
        : "r3", "memory");
    __builtin_unreachable();
}

PanicRecord last_panic() {
    static const PanicRecord last = [] {
        const auto record = kept();
        kept().magic = 0;
        if (record.magic != record_magic ||
            record.check != ~(record.magic + record.cause + record.detail)) {
            return PanicRecord{};
        }
        return PanicRecord{static_cast<PanicCause>(record.cause), record.detail};
    }();
    return last;
}

}  // namespace firmware::hal
