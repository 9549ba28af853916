#pragma once

#include "board/cmsdk/uart.h"
#include "firmware/hal/link.h"

namespace board::cmsdk {

// The link to the host on a UART of its own.
class UartLink final : public firmware::hal::Link {
public:
    explicit UartLink(std::uintptr_t base) : uart_(base) {}

    void start(std::uint32_t bus_hz, std::uint32_t baud) { uart_.start(bus_hz, baud); }
    void on_receive() { uart_.on_receive(); }

    std::size_t receive(hsm::MutableBytes into) override { return uart_.receive(into); }
    void send(hsm::ByteView bytes) override { uart_.send(bytes); }
    void wait() override { uart_.wait(); }

private:
    ReceivingUart<ring_size_min> uart_;
};

}  // namespace board::cmsdk
