#pragma once

#include "board/cmsdk/uart.h"
#include "firmware/hal/clock.h"
#include "firmware/hal/rng.h"

namespace board::cmsdk {

// An emulated board has no noise of its own: the host feeds its generator into a second UART. What
// it sends is taken for what it is said to be, which is one reason why such a module is of class
// `emulated`.
class UartNoise final : public firmware::hal::Noise {
public:
    explicit UartNoise(std::uintptr_t base) : uart_(base) {}

    void start(std::uint32_t bus_hz, std::uint32_t baud, firmware::hal::Clock& clock) {
        clock_ = &clock;
        uart_.start(bus_hz, baud);
    }
    void on_receive() { uart_.on_receive(); }

    // Claims a quarter of what the host's generator has.
    firmware::hal::NoiseClaim claim() const override { return {8, 2048}; }

    hsm::Result<void> sample(hsm::MutableBytes raw) override {
        auto until = clock_->tick_ms() + time_ms_max;
        while (!raw.empty()) {
            const auto size = uart_.receive(raw);
            raw = raw.subspan(size);
            if (size != 0) {
                until = clock_->tick_ms() + time_ms_max;
            } else if (clock_->tick_ms() >= until) {
                return hsm::Status::rng_failed;
            } else {
                uart_.wait();
            }
        }
        return {};
    }

private:
    static constexpr std::uint64_t time_ms_max = 5'000;

    ReceivingUart<128> uart_;
    firmware::hal::Clock* clock_ = nullptr;
};

}  // namespace board::cmsdk
