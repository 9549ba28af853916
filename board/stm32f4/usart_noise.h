#pragma once

#include "board/stm32f4/usart.h"
#include "firmware/hal/clock.h"
#include "firmware/hal/rng.h"

namespace board::stm32f4 {

// An emulated chip has no noise of its own (QEMU does not model the generator): the host feeds its
// generator into a second USART, and is believed.
class UsartNoise final : public firmware::hal::Noise {
public:
    UsartNoise(std::uintptr_t base, unsigned interrupt, firmware::hal::Clock& clock)
        : usart_(base, interrupt), clock_(clock) {}

    void start(std::uint32_t bus_hz, std::uint32_t baud) { usart_.start(bus_hz, baud); }
    void on_receive() { usart_.on_receive(); }

    // A quarter of what the host's generator has.
    firmware::hal::NoiseClaim claim() const override { return {8, 2048}; }

    hsm::Result<void> sample(hsm::MutableBytes raw) override {
        auto until = clock_.tick_ms() + time_ms_max;
        while (!raw.empty()) {
            const auto size = usart_.receive(raw);
            raw = raw.subspan(size);
            if (size != 0) {
                until = clock_.tick_ms() + time_ms_max;
            } else if (clock_.tick_ms() >= until) {
                return hsm::Status::rng_failed;
            } else {
                sleep_while_empty(usart_);
            }
        }
        return {};
    }

private:
    static constexpr std::uint64_t time_ms_max = 5'000;

    ReceivingUsart<Bus, 128> usart_;
    firmware::hal::Clock& clock_;
};

}  // namespace board::stm32f4
