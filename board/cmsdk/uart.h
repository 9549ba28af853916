#pragma once

#include "board/cortex_m/byte_ring.h"
#include "board/cortex_m/registers.h"

// The UART of Arm's Cortex-M System Design Kit (DDI 0479, "APB UART"), as the MPS2 boards have it:
// no FIFO, one byte in each direction.
namespace board::cmsdk {

class UartRegisters {
public:
    explicit constexpr UartRegisters(std::uintptr_t base) : base_(base) {}

    // Both directions, receive interrupt on.
    void start(std::uint32_t bus_hz, std::uint32_t baud) const {
        cortex_m::reg32(base_ + bauddiv) = std::max(bus_hz / baud, std::uint32_t{16});
        // QEMU's model asks its character device for bytes once DATA has been read. Receiving is
        // off meanwhile: what is read is no byte of a host that speaks already.
        cortex_m::reg32(base_ + ctrl) = transmit_on;
        (void)take_byte();
        resume_receiving();
    }

    void hold_receiving() const { cortex_m::reg32(base_ + ctrl) = transmit_on | receive_on; }
    void resume_receiving() const {
        cortex_m::reg32(base_ + ctrl) = transmit_on | receive_on | receive_interrupt;
    }

    bool has_byte() const { return (cortex_m::reg32(base_ + state) & receive_full) != 0; }
    hsm::Byte take_byte() const { return static_cast<hsm::Byte>(cortex_m::reg32(base_ + data)); }
    void acknowledge_receive() const { cortex_m::reg32(base_ + interrupt_clear) = receive_raised; }

    void send(hsm::ByteView bytes) const {
        for (const auto byte : bytes) {
            while ((cortex_m::reg32(base_ + state) & transmit_full) != 0) {
            }
            cortex_m::reg32(base_ + data) = byte;
        }
    }

private:
    static constexpr std::uintptr_t data = 0x00;
    static constexpr std::uintptr_t state = 0x04;
    static constexpr std::uintptr_t ctrl = 0x08;
    static constexpr std::uintptr_t interrupt_clear = 0x0c;
    static constexpr std::uintptr_t bauddiv = 0x10;
    static constexpr std::uint32_t transmit_full = 1u << 0;
    static constexpr std::uint32_t receive_full = 1u << 1;
    static constexpr std::uint32_t transmit_on = 1u << 0;
    static constexpr std::uint32_t receive_on = 1u << 1;
    static constexpr std::uint32_t receive_interrupt = 1u << 3;
    static constexpr std::uint32_t receive_raised = 1u << 1;

    std::uintptr_t base_;
};

// A UART whose bytes an interrupt gathers. When the ring is full the interrupt is off and the byte
// stays in the UART: in QEMU the host then waits, on wires later bytes are lost.
template <std::uint32_t capacity>
class ReceivingUart {
public:
    // Not constexpr: what is made before main() lies in .bss, and no ring of zeros in the image.
    explicit ReceivingUart(std::uintptr_t base) : uart_(base) {}

    void start(std::uint32_t bus_hz, std::uint32_t baud) { uart_.start(bus_hz, baud); }

    // The receive interrupt.
    void on_receive() {
        uart_.acknowledge_receive();
        while (uart_.has_byte()) {
            if (ring_.full()) {
                uart_.hold_receiving();
                held_.store(true, std::memory_order_relaxed);
                return;
            }
            (void)ring_.put(uart_.take_byte());
        }
    }

    std::size_t receive(hsm::MutableBytes into) {
        const auto size = ring_.take(into);
        if (size != 0 && held_.load(std::memory_order_relaxed)) {
            const cortex_m::InterruptsOff off;
            held_.store(false, std::memory_order_relaxed);
            uart_.resume_receiving();
            on_receive();
        }
        return size;
    }

    void send(hsm::ByteView bytes) { uart_.send(bytes); }

    // Until the ring holds a byte or an interrupt has come.
    void wait() {
        const cortex_m::InterruptsOff off;
        if (ring_.empty()) {
            cortex_m::wait_for_interrupt();
        }
    }

private:
    UartRegisters uart_;
    cortex_m::ByteRing<capacity> ring_;
    std::atomic<bool> held_{false};
};

}  // namespace board::cmsdk
