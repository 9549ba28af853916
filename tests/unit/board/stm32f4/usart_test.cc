#include "board/stm32f4/usart.h"

#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "board/stm32f4/clock_tree.h"
#include "board/stm32f4/peripherals.h"
#include "tests/unit/board/stm32f4/model_bus.h"

namespace board::stm32f4 {
namespace {

using hsm::Byte;

TEST(UsartDivider, IsExactAtAMegabit) {
    EXPECT_EQ(usart::divider(h405_clocks.apb2_hz(), 1'000'000), 84u);
    EXPECT_EQ(usart::baud_error_ppm(h405_clocks.apb2_hz(), 1'000'000), 0u);
}

TEST(UsartDivider, IsCloseAtOtherRates) {
    for (const std::uint32_t baud : {9'600u, 115'200u, 230'400u, 460'800u, 921'600u, 2'000'000u}) {
        EXPECT_LT(usart::baud_error_ppm(h405_clocks.apb2_hz(), baud), 6'000u) << baud;
    }
    // RM0090 §30.3.4, its table of rates at 84 MHz: 115,200 is 45.5625 sixteenths.
    EXPECT_EQ(usart::divider(84'000'000, 115'200), 729u);
}

// One USART and its line of the NVIC, after RM0090 §30.3.3 and §30.6.
class Line final : public PeripheralModel {
public:
    std::uint32_t read(std::uintptr_t address) override {
        if (address == sr) {
            state_read_ = true;
            return state;
        }
        if (address == dr) {
            if (state_read_) {
                state &= ~0b1110u;
            }
            state_read_ = false;
            state &= ~(1u << 5);
            return data_;
        }
        return registers[address];
    }

    void write(std::uintptr_t address, std::uint32_t value) override {
        if (address == dr) {
            sent.push_back(static_cast<Byte>(value));
            return;
        }
        if (address == 0xe000e104) {
            interrupt_on = interrupt_on || value == 1u << 5;
        }
        if (address == 0xe000e184) {
            interrupt_on = interrupt_on && value != 1u << 5;
        }
        registers[address] = value;
    }

    // A byte comes over the line, with error flags of its own.
    void arrive(Byte byte, std::uint32_t flags = 0) {
        if ((state & 1u << 3) != 0) {
            return;  // nothing is received while ORE is set
        }
        if ((state & 1u << 5) != 0) {
            state |= 1u << 3;
            return;
        }
        data_ = byte;
        state |= 1u << 5 | flags;
    }
    bool wants_interrupt() const { return interrupt_on && (state & 0b101000) != 0; }

    std::uint32_t state = 0xc0;
    std::map<std::uintptr_t, std::uint32_t> registers;
    std::vector<Byte> sent;
    bool interrupt_on = false;

private:
    static constexpr std::uintptr_t sr = usart1 + 0x00;
    static constexpr std::uintptr_t dr = usart1 + 0x04;

    bool state_read_ = false;
    Byte data_ = 0;
};

class ReceivingUsartTest : public testing::Test {
protected:
    ReceivingUsartTest() { uart.start(84'000'000, 1'000'000); }

    void arrive(Byte byte, std::uint32_t flags = 0) {
        line.arrive(byte, flags);
        serve();
    }
    void serve() {
        for (int i = 0; line.wants_interrupt(); ++i) {
            ASSERT_LT(i, 100) << "the interrupt does not end";
            uart.on_receive();
        }
    }
    std::vector<Byte> receive() {
        std::vector<Byte> bytes(100);
        bytes.resize(uart.receive(bytes));
        return bytes;
    }

    static constexpr std::uint32_t framing = 1u << 1;
    static constexpr std::uint32_t noise = 1u << 2;
    static constexpr std::uint32_t overrun = 1u << 3;

    Line line;
    ReceivingUsart<ModelBus, 16> uart{usart1, usart1_interrupt, ModelBus{&line}};
};

TEST_F(ReceivingUsartTest, IsSetUpBeforeItIsOn) {
    EXPECT_EQ(line.registers[usart1 + 0x08], 84u);
    // UE, TE, RE, RXNEIE; eight bits, no parity, sixteen samples.
    EXPECT_EQ(line.registers[usart1 + 0x0c], 1u << 13 | 1u << 3 | 1u << 2 | 1u << 5);
    EXPECT_EQ(line.registers[usart1 + 0x10], 0u);
    EXPECT_EQ(line.registers[usart1 + 0x14], 0u);
    EXPECT_TRUE(line.interrupt_on);
}

TEST_F(ReceivingUsartTest, GathersBytesInOrder) {
    for (const Byte byte : {1, 2, 3}) {
        arrive(byte);
    }
    EXPECT_EQ(receive(), (std::vector<Byte>{1, 2, 3}));
    EXPECT_TRUE(uart.empty());
}

TEST_F(ReceivingUsartTest, KeepsReceivingAfterNoiseAndFramingErrors) {
    arrive(1, noise);
    arrive(2, framing);
    arrive(3, framing | noise);
    arrive(4);

    EXPECT_EQ(receive(), (std::vector<Byte>{1, 2, 3, 4}));
}

TEST_F(ReceivingUsartTest, KeepsReceivingAfterAnOverrun) {
    line.arrive(1);
    line.arrive(2);
    EXPECT_NE(line.state & overrun, 0u);
    serve();
    arrive(3);

    EXPECT_EQ(receive(), (std::vector<Byte>{1, 3}));
}

// §30.3.3: the byte was taken just as the lost one came; there is nothing in DR, and ORE stays.
TEST_F(ReceivingUsartTest, ClearsAnOverrunThatHasNoByte) {
    line.state |= overrun;
    serve();
    EXPECT_EQ(line.state & overrun, 0u);
    arrive(5);

    EXPECT_EQ(receive(), (std::vector<Byte>{5}));
}

TEST_F(ReceivingUsartTest, LeavesItsInterruptWhenTheRingIsFullAndComesBack) {
    for (Byte i = 0; i < 20; ++i) {
        arrive(i);
    }
    EXPECT_FALSE(line.interrupt_on);
    EXPECT_FALSE(line.wants_interrupt());

    std::vector<Byte> kept = receive();
    EXPECT_EQ(kept.size(), 16u);
    EXPECT_TRUE(line.interrupt_on);
    serve();
    arrive(77);

    const auto later = receive();
    ASSERT_EQ(later.size(), 2u);
    EXPECT_EQ(later[0], 16) << "the one that waited in DR";
    EXPECT_EQ(later[1], 77);
}

TEST_F(ReceivingUsartTest, SendsEveryByte) {
    uart.send(std::vector<Byte>{9, 8, 7});
    EXPECT_EQ(line.sent, (std::vector<Byte>{9, 8, 7}));
}

TEST_F(ReceivingUsartTest, StopsOnATransmitterThatTakesNothing) {
    line.state = 0;
    EXPECT_DEATH(uart.send(std::vector<Byte>{1}), "");
}

}  // namespace
}  // namespace board::stm32f4
