#pragma once

#include "board/stm32f4/bus.h"
#include "board/stm32f4/peripherals.h"
#include "firmware/hal/watchdog.h"
#include "hsm/base/check.h"

namespace board::stm32f4 {

namespace watchdog {

constexpr std::uintptr_t key = 0x00;
constexpr std::uintptr_t prescaler = 0x04;
constexpr std::uintptr_t reload = 0x08;
constexpr std::uintptr_t state = 0x0c;

constexpr std::uint32_t key_reload = 0xaaaa;
constexpr std::uint32_t key_unlock = 0x5555;
constexpr std::uint32_t key_start = 0xcccc;

// The datasheet's slowest and fastest for the oscillator that drives it ("32 kHz").
constexpr std::uint32_t lsi_khz_min = 17;
constexpr std::uint32_t lsi_khz_max = 47;

struct Setting {
    std::uint32_t prescaler = 0;  // divides by 4 << prescaler, at most by 256
    std::uint32_t reload = 0;     // counts from here to 0: reload + 1 steps
};

constexpr std::uint32_t reload_max = 0xfff;
constexpr std::uint32_t prescaler_max = 6;
constexpr std::uint32_t period_ms_max = (reload_max + 1) * (4u << prescaler_max) / lsi_khz_max;
static_assert(firmware::hal::watchdog_period_ms <= period_ms_max);

// The finest setting that never bites before `period_ms` is over, however fast the oscillator runs:
// the slowest then takes 2.8 times as long.
constexpr Setting setting(std::uint32_t period_ms) {
    for (std::uint32_t code = 0; code <= prescaler_max; ++code) {
        const std::uint32_t divider = 4u << code;
        const auto steps = (period_ms * lsi_khz_max + divider - 1) / divider;
        if (steps <= reload_max + 1) {
            return {code, steps == 0 ? 0 : steps - 1};
        }
    }
    return {prescaler_max, reload_max};
}

}  // namespace watchdog

// The independent watchdog, RM0090 chapter 21. It resets without warning: RAM is not wiped first,
// as a panic would; the next start clears all of it but the stack.
template <class AnyBus>
class IndependentWatchdog final : public firmware::hal::Watchdog {
public:
    explicit constexpr IndependentWatchdog(AnyBus bus = {}) : bus_(bus) {}

    void start(std::uint32_t period_ms) override {
        CHECK(period_ms <= watchdog::period_ms_max);
        const auto setting = watchdog::setting(period_ms);
        // Starting first also starts its oscillator, without which nothing below is taken over.
        bus_.write(iwdg + watchdog::key, watchdog::key_start);
        bus_.write(iwdg + watchdog::key, watchdog::key_unlock);
        bus_.write(iwdg + watchdog::prescaler, setting.prescaler);
        bus_.write(iwdg + watchdog::reload, setting.reload);
        // Some cycles of that oscillator. Where it takes longer, the first feed() comes to it,
        // within the 340 ms of the setting after a reset (§21.4.4: waiting is not necessary).
        (void)wait_until(bus_, iwdg + watchdog::state, 0b11, 0, 100'000);
        feed();
    }

    void feed() override { bus_.write(iwdg + watchdog::key, watchdog::key_reload); }

private:
    [[no_unique_address]] AnyBus bus_;
};

}  // namespace board::stm32f4
