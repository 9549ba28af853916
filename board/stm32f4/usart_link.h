#pragma once

#include "board/stm32f4/usart.h"
#include "firmware/hal/link.h"

namespace board::stm32f4 {

// The link to the host on a USART of its own.
class UsartLink final : public firmware::hal::Link {
public:
    UsartLink(std::uintptr_t base, unsigned interrupt) : usart_(base, interrupt) {}

    void start(std::uint32_t bus_hz, std::uint32_t baud) { usart_.start(bus_hz, baud); }
    void on_receive() { usart_.on_receive(); }

    std::size_t receive(hsm::MutableBytes into) override { return usart_.receive(into); }
    void send(hsm::ByteView bytes) override { usart_.send(bytes); }
    void wait() override { sleep_while_empty(usart_); }

private:
    ReceivingUsart<Bus, ring_size_min> usart_;
};

}  // namespace board::stm32f4
