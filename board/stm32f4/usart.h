#pragma once

#include "board/cortex_m/byte_ring.h"
#include "board/stm32f4/bus.h"

// The USART as a byte line, RM0090 chapter 30: 8 bits, no parity, one stop bit, sixteen samples a
// bit.
namespace board::stm32f4 {

namespace usart {

constexpr std::uintptr_t sr = 0x00;
constexpr std::uintptr_t dr = 0x04;
constexpr std::uintptr_t brr = 0x08;
constexpr std::uintptr_t cr1 = 0x0c;
constexpr std::uintptr_t cr2 = 0x10;
constexpr std::uintptr_t cr3 = 0x14;

constexpr std::uint32_t sr_framing_error = 1u << 1;
constexpr std::uint32_t sr_noise_error = 1u << 2;
constexpr std::uint32_t sr_overrun = 1u << 3;
constexpr std::uint32_t sr_received = 1u << 5;
constexpr std::uint32_t sr_complete = 1u << 6;
constexpr std::uint32_t sr_transmit_empty = 1u << 7;
constexpr std::uint32_t cr1_receiver = 1u << 2;
constexpr std::uint32_t cr1_transmitter = 1u << 3;
constexpr std::uint32_t cr1_receive_interrupt = 1u << 5;
constexpr std::uint32_t cr1_enable = 1u << 13;

// §30.3.4: BRR counts sixteenths of USARTDIV, which is the bus's clock over sixteen times the baud
// rate; so it is their quotient, here to the nearest. At most a sixteenth of the clock.
constexpr std::uint32_t divider(std::uint32_t bus_hz, std::uint32_t baud) {
    return (bus_hz + baud / 2) / baud;
}

// How far the line's rate is off, in millionths. Both ends together may be off by some 3.75 %
// (§30.3.5).
constexpr std::uint32_t baud_error_ppm(std::uint32_t bus_hz, std::uint32_t baud) {
    const std::uint64_t wanted = std::uint64_t{baud} * divider(bus_hz, baud);
    const std::uint64_t off = wanted > bus_hz ? wanted - bus_hz : bus_hz - wanted;
    return static_cast<std::uint32_t>(off * 1'000'000 / wanted);
}

}  // namespace usart

// A USART whose bytes an interrupt gathers in a ring; sending is polled. When the ring is full its
// interrupt is switched off at the NVIC (QEMU does not lower the request when RXNEIE is cleared)
// and later bytes are lost, on wires; in QEMU the host waits.
template <class AnyBus, std::uint32_t capacity>
class ReceivingUsart {
public:
    // Not constexpr: the ring would lie in .data, and its zeros in flash.
    ReceivingUsart(std::uintptr_t base, unsigned interrupt, AnyBus bus = {})
        : base_(base), interrupt_(interrupt), bus_(bus) {}

    void start(std::uint32_t bus_hz, std::uint32_t baud) {
        bus_.write(base_ + usart::cr1, 0);
        bus_.write(base_ + usart::cr2, 0);
        bus_.write(base_ + usart::cr3, 0);
        bus_.write(base_ + usart::brr, usart::divider(bus_hz, baud));
        bus_.write(base_ + usart::cr1,
                   usart::cr1_enable | usart::cr1_transmitter | usart::cr1_receiver |
                       usart::cr1_receive_interrupt);
        switch_interrupt(cortex_m::nvic_iser);
    }

    // The interrupt. A byte with a framing or noise error goes into the ring as it is, the frame's
    // checksum will not fit; an overrun has lost bytes before it. §30.3.3: reading SR and then DR
    // clears all three, and RXNE; while ORE is set nothing more is received, so it is cleared also
    // where there is no byte to take. Takes a bounded number and is called again for more.
    void on_receive() {
        constexpr std::uint32_t errors =
            usart::sr_framing_error | usart::sr_noise_error | usart::sr_overrun;
        for (unsigned i = 0; i < 16; ++i) {
            if (ring_.full()) {
                held_.store(true, std::memory_order_relaxed);
                switch_interrupt(cortex_m::nvic_icer);
                return;
            }
            const auto state = bus_.read(base_ + usart::sr);
            if ((state & (usart::sr_received | errors)) == 0) {
                return;
            }
            const auto byte = static_cast<hsm::Byte>(bus_.read(base_ + usart::dr));
            if ((state & usart::sr_received) != 0) {
                (void)ring_.put(byte);
            }
        }
    }

    // The oldest bytes of the ring, and how many.
    std::size_t receive(hsm::MutableBytes into) {
        const auto size = ring_.take(into);
        // Only the interrupt sets it, and that is off while it is set.
        if (size != 0 && held_.load(std::memory_order_relaxed)) {
            held_.store(false, std::memory_order_relaxed);
            switch_interrupt(cortex_m::nvic_iser);
        }
        return size;
    }

    bool empty() const { return ring_.empty(); }

    // Returns when the last stop bit is on the line. A transmitter that takes nothing is broken.
    void send(hsm::ByteView bytes) {
        constexpr std::uint32_t polls_max = 1'000'000;
        for (const auto byte : bytes) {
            CHECK(wait_until(bus_,
                             base_ + usart::sr,
                             usart::sr_transmit_empty,
                             usart::sr_transmit_empty,
                             polls_max));
            bus_.write(base_ + usart::dr, byte);
        }
        CHECK(
            bytes.empty() ||
            wait_until(bus_, base_ + usart::sr, usart::sr_complete, usart::sr_complete, polls_max));
    }

private:
    void switch_interrupt(std::uintptr_t nvic_register) {
        bus_.write(nvic_register + interrupt_ / 32 * 4, 1u << (interrupt_ % 32));
    }

    std::uintptr_t base_;
    unsigned interrupt_;
    [[no_unique_address]] AnyBus bus_;
    cortex_m::ByteRing<capacity> ring_;
    std::atomic<bool> held_{false};
};

// Until the ring holds a byte or an interrupt has come.
template <class Usart>
void sleep_while_empty(const Usart& usart) {
    const cortex_m::InterruptsOff off;
    if (usart.empty()) {
        cortex_m::wait_for_interrupt();
    }
}

}  // namespace board::stm32f4
