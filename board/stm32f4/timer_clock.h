#pragma once

#include "board/stm32f4/peripherals.h"
#include "board/stm32f4/rcc.h"
#include "firmware/hal/clock.h"

namespace board::stm32f4 {

// Milliseconds from TIM2, which has 32 bits (RM0090 chapter 18) and needs no interrupt: it counts
// on while the core waits for its flash, where the core's own timer would lose rounds and an
// activation would live longer than it may. Its first round lasts 24 days; who asks at least once
// in each of them, and the main loop asks every second, misses none.
template <class AnyBus>
class TimerClock final : public firmware::hal::Clock {
public:
    explicit TimerClock(AnyBus bus = {}) : bus_(bus) {}

    void start(std::uint32_t timer_hz) {
        enable_clock(bus_, rcc_apb1enr, apb1_tim2);
        // A prescaler of 16 bits does not come down to one millisecond.
        bus_.write(tim2 + prescaler, timer_hz / counts_per_second - 1);
        bus_.write(tim2 + auto_reload, 0xffffffff);
        // §18.4.6: UG takes the prescaler over at once and clears the counter.
        bus_.write(tim2 + event_generation, 1);
        bus_.write(tim2 + control, 1);
    }

    std::uint64_t tick_ms() override {
        const auto count = bus_.read(tim2 + counter);
        if (count < last_) {
            rounds_ += std::uint64_t{1} << 32;
        }
        last_ = count;
        return (rounds_ + count) / (counts_per_second / 1000);
    }

private:
    static constexpr std::uint32_t counts_per_second = 2000;
    static constexpr std::uintptr_t control = 0x00;
    static constexpr std::uintptr_t event_generation = 0x14;
    static constexpr std::uintptr_t counter = 0x24;
    static constexpr std::uintptr_t prescaler = 0x28;
    static constexpr std::uintptr_t auto_reload = 0x2c;

    [[no_unique_address]] AnyBus bus_;
    std::uint32_t last_ = 0;
    std::uint64_t rounds_ = 0;
};

}  // namespace board::stm32f4
