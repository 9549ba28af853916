#include "board/cortex_m/systick_clock.h"

#include <algorithm>

#include "board/cortex_m/registers.h"

namespace {

constexpr std::uint32_t round_size = 1u << 24;
volatile std::uint32_t rounds;

}  // namespace

extern "C" void systick_handler() {
    rounds = rounds + 1;
}

namespace board::cortex_m {

SystickClock::SystickClock(std::uint32_t core_hz) : ticks_per_ms_(core_hz / 1000) {
    reg32(syst_rvr) = round_size - 1;
    reg32(syst_cvr) = 0;
    reg32(syst_csr) = 0b111;  // core clock, interrupt, on
}

// A round that ends between the two looks at `rounds` is seen by the second; 2^32 rounds are
// decades.
std::uint64_t SystickClock::tick_ms() {
    std::uint32_t before;
    std::uint32_t left;
    do {
        before = rounds;
        left = reg32(syst_cvr);
    } while (before != rounds);
    // The interrupt that counts a round is raised when 0 is reached, so 0 begins a round, the first
    // one too. It may come an instruction late.
    last_ = std::max(last_, std::uint64_t{before} * round_size + (round_size - left) % round_size);
    return last_ / ticks_per_ms_;
}

}  // namespace board::cortex_m
