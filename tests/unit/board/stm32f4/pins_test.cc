#include <map>

#include <gtest/gtest.h>

#include "board/stm32f4/tamper_switch.h"
#include "tests/unit/board/stm32f4/model_bus.h"

namespace board::stm32f4 {
namespace {

// GPIO, SYSCFG and EXTI, as far as one line goes: RM0090 §8.4, §9.2, §12.3.
class Pins final : public PeripheralModel {
public:
    std::uint32_t read(std::uintptr_t address) override { return registers[address]; }
    void write(std::uintptr_t address, std::uint32_t value) override {
        if (address == 0x40013c14) {
            registers[address] &= ~value;
            return;
        }
        registers[address] = value;
    }

    std::map<std::uintptr_t, std::uint32_t> registers{{0x40020000, 0xa8000000},
                                                      {0x4002000c, 0x64000000}};
};

TEST(Pins, BecomeAUsartsWithoutTakingTheDebuggers) {
    Pins pins;
    ModelBus bus{&pins};

    set_alternate(bus, {gpio_a, 9}, 7, Pull::none);
    set_alternate(bus, {gpio_a, 10}, 7, Pull::up);

    EXPECT_EQ(pins.registers[0x40020000], 0xa8280000u);  // MODER
    EXPECT_EQ(pins.registers[0x40020008], 0x00140000u);  // OSPEEDR
    EXPECT_EQ(pins.registers[0x4002000c], 0x64100000u);  // PUPDR
    EXPECT_EQ(pins.registers[0x40020020], 0u);           // AFRL
    EXPECT_EQ(pins.registers[0x40020024], 0x00000770u);  // AFRH
}

class TamperSwitchTest : public testing::Test {
protected:
    void open_case(bool open) { pins.registers[0x40020810] = open ? 1u << 13 : 0; }

    Pins pins;
    TamperSwitch<ModelBus> tamper{{gpio_c, 13}, 2, ModelBus{&pins}};
};

TEST_F(TamperSwitchTest, ListensForThePinRising) {
    pins.registers[0x40013c14] = 1u << 13;

    tamper.start();

    EXPECT_EQ(pins.registers[0x4002080c], 1u << 26);  // pull-up on PC13
    EXPECT_EQ(pins.registers[0x40013814], 2u << 4);   // EXTICR4: EXTI13 is port C's
    EXPECT_EQ(pins.registers[0x40013c08], 1u << 13);  // rising
    EXPECT_EQ(pins.registers[0x40013c0c], 0u);        // not falling
    EXPECT_EQ(pins.registers[0x40013c00], 1u << 13);  // unmasked
    EXPECT_EQ(pins.registers[0x40013c14], 0u);        // what was before is forgotten
}

TEST_F(TamperSwitchTest, SeesACaseThatIsOpen) {
    tamper.start();
    EXPECT_FALSE(tamper.tampered());

    open_case(true);
    EXPECT_TRUE(tamper.tampered());
}

TEST_F(TamperSwitchTest, RemembersACaseThatWasOpened) {
    tamper.start();
    pins.registers[0x40013c14] = 1u << 13;
    tamper.on_edge();

    EXPECT_EQ(pins.registers[0x40013c14], 0u) << "the interrupt would come again";
    EXPECT_TRUE(tamper.tampered());
}

}  // namespace
}  // namespace board::stm32f4
