#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "board/stm32f4/timer_clock.h"
#include "tests/unit/board/stm32f4/model_bus.h"

namespace board::stm32f4 {
namespace {

TEST(ClockTree, MakesOf8MHzWhatTheChipMayHaveAtMost) {
    EXPECT_EQ(h405_clocks.vco_input_hz(), 1'000'000u);
    EXPECT_EQ(h405_clocks.vco_hz(), 336'000'000u);
    EXPECT_EQ(h405_clocks.core_hz(), 168'000'000u);
    EXPECT_EQ(h405_clocks.rng_hz(), 48'000'000u);
    EXPECT_EQ(h405_clocks.apb1_hz(), 42'000'000u);
    EXPECT_EQ(h405_clocks.apb2_hz(), 84'000'000u);
    EXPECT_EQ(h405_clocks.apb1_timer_hz(), 84'000'000u);
}

TEST(ClockTree, RefusesWhatTheManualForbids) {
    const auto changed = [](auto change) {
        auto tree = h405_clocks;
        change(tree);
        return is_within_limits(tree);
    };

    EXPECT_TRUE(changed([](auto&) {}));
    EXPECT_FALSE(changed([](auto& tree) { tree.crystal_hz = 12'000'000; }));
    EXPECT_FALSE(changed([](auto& tree) { tree.pll_m = 16; }));
    EXPECT_FALSE(changed([](auto& tree) { tree.pll_m = 2; }));
    EXPECT_FALSE(changed([](auto& tree) { tree.pll_n = 360; }));
    EXPECT_FALSE(changed([](auto& tree) { tree.pll_p = 3; }));
    EXPECT_FALSE(changed([](auto& tree) { tree.pll_q = 6; }));
    EXPECT_FALSE(changed([](auto& tree) { tree.apb1_divider = 2; }));
    EXPECT_FALSE(changed([](auto& tree) { tree.apb2_divider = 1; }));
}

// §3.5.1, "number of wait states according to CPU clock frequency", 2.7 to 3.6 V.
TEST(ClockTree, WaitsForFlashAsTheManualsTableSays) {
    EXPECT_EQ(flash_wait_states(16'000'000), 0u);
    EXPECT_EQ(flash_wait_states(30'000'000), 0u);
    EXPECT_EQ(flash_wait_states(30'000'001), 1u);
    EXPECT_EQ(flash_wait_states(60'000'000), 1u);
    EXPECT_EQ(flash_wait_states(90'000'000), 2u);
    EXPECT_EQ(flash_wait_states(120'000'000), 3u);
    EXPECT_EQ(flash_wait_states(150'000'000), 4u);
    EXPECT_EQ(flash_wait_states(168'000'000), 5u);
}

TEST(ClockTree, CodesBusDividersAsCfgrDoes) {
    EXPECT_EQ(apb_prescaler(1), 0b000u);
    EXPECT_EQ(apb_prescaler(2), 0b100u);
    EXPECT_EQ(apb_prescaler(4), 0b101u);
    EXPECT_EQ(apb_prescaler(8), 0b110u);
    EXPECT_EQ(apb_prescaler(16), 0b111u);
}

// RCC, PWR and FLASH_ACR: what is ready follows what is on after some polls, and what the chip
// would not survive is written down.
class ClockControl final : public PeripheralModel {
public:
    enum class Broken { nothing, crystal, pll, flash, selection };

    explicit ClockControl(Broken broken = Broken::nothing) : broken_(broken) {}

    std::uint32_t read(std::uintptr_t address) override {
        if (address == cr && ++polls_ % 7 == 0) {
            settle();
        }
        return registers_[address];
    }

    void write(std::uintptr_t address, std::uint32_t value) override {
        auto& now = registers_[address];
        if (address == cr) {
            expect((value & hsi_on) != 0 || source() != 0b00, "internal oscillator off in use");
            expect((value & pll_on) != 0 || source() != 0b10, "PLL off in use");
            expect((value & pll_on) == 0 || (now & pll_on) != 0 || (now & hse_ready) != 0,
                   "PLL on before the crystal is ready");
            now = (value & ~ready_bits) | (now & ready_bits);
            return;
        }
        if (address == pllcfgr) {
            expect((registers_[cr] & (pll_on | pll_ready)) == 0, "PLL changed while on");
        }
        if (address == pwr_register) {
            expect((registers_[apb1enr] & 1u << 28) != 0, "PWR without its clock");
            expect((registers_[cr] & pll_on) == 0, "voltage scale changed while the PLL is on");
        }
        if (address == acr) {
            now = broken_ == Broken::flash ? value & ~0b111u : value;
            return;
        }
        if (address == cfgr) {
            select(value);
            return;
        }
        now = value;
    }

    // A boot ROM's legacy: the PLL runs at something else and is in use.
    void leave_running() {
        registers_[cr] = hsi_on | hsi_ready | hse_on | hse_ready | pll_on | pll_ready;
        registers_[cfgr] = 0b1010;
    }
    void set_revision(std::uint32_t revision) { registers_[0xe0042000] = revision << 16 | 0x413; }
    std::uint32_t at(std::uintptr_t address) { return registers_[address]; }
    const std::vector<std::string>& faults() const { return faults_; }

    static constexpr std::uintptr_t cr = 0x40023800;
    static constexpr std::uintptr_t pllcfgr = 0x40023804;
    static constexpr std::uintptr_t cfgr = 0x40023808;
    static constexpr std::uintptr_t apb1enr = 0x40023840;
    static constexpr std::uintptr_t pwr_register = 0x40007000;
    static constexpr std::uintptr_t acr = 0x40023c00;

private:
    static constexpr std::uint32_t hsi_on = 1u << 0;
    static constexpr std::uint32_t hsi_ready = 1u << 1;
    static constexpr std::uint32_t hse_on = 1u << 16;
    static constexpr std::uint32_t hse_ready = 1u << 17;
    static constexpr std::uint32_t pll_on = 1u << 24;
    static constexpr std::uint32_t pll_ready = 1u << 25;
    static constexpr std::uint32_t ready_bits = hsi_ready | hse_ready | pll_ready;

    void expect(bool holds, const char* fault) {
        if (!holds) {
            faults_.emplace_back(fault);
        }
    }
    std::uint32_t source() { return registers_[cfgr] >> 2 & 0b11; }

    void settle() {
        auto& now = registers_[cr];
        const auto follow = [&now](std::uint32_t on, std::uint32_t ready, bool works) {
            now = (now & on) != 0 && works ? now | ready : now & ~ready;
        };
        follow(hsi_on, hsi_ready, true);
        follow(hse_on, hse_ready, broken_ != Broken::crystal);
        follow(pll_on, pll_ready, broken_ != Broken::pll);
    }

    void select(std::uint32_t value) {
        const auto wanted = value & 0b11;
        if (wanted == 0b10 && source() != 0b10) {
            expect((registers_[cr] & pll_ready) != 0, "PLL selected before it is ready");
            expect((registers_[acr] & 0b111) == 5, "168 MHz with too few wait states");
            expect((value >> 10 & 0b111) == 0b101, "APB1 above 42 MHz");
            expect((value >> 13 & 0b111) == 0b100, "APB2 above 84 MHz");
            expect((registers_[pwr_register] & 1u << 14) != 0, "168 MHz at voltage scale 2");
        }
        const bool switches = broken_ != Broken::selection || wanted == 0;
        registers_[cfgr] = (value & ~0b1100u) | (switches ? wanted : source()) << 2;
    }

    Broken broken_;
    std::map<std::uintptr_t, std::uint32_t> registers_{{cr, 0x83}, {pwr_register, 0}};
    unsigned polls_ = 0;
    std::vector<std::string> faults_;
};

TEST(StartClocks, ComesToThePllInAnOrderTheChipAllows) {
    ClockControl chip;
    chip.set_revision(0x100f);
    ModelBus bus{&chip};

    EXPECT_TRUE(start_clocks(bus, h405_clocks));

    EXPECT_TRUE(chip.faults().empty()) << chip.faults().front();
    // RM0090 §7.3.2: Q 7, HSE, P 2, N 336, M 8.
    EXPECT_EQ(chip.at(ClockControl::pllcfgr), 0x07405408u);
    EXPECT_EQ(chip.at(ClockControl::cfgr), 0b1010u | 0b101u << 10 | 0b100u << 13);
    EXPECT_EQ(chip.at(ClockControl::acr), 0x705u);
    EXPECT_NE(chip.at(ClockControl::cr) & 1u << 19, 0u) << "the crystal is not watched";
}

TEST(StartClocks, BeginsAnewFromWhatABootRomLeft) {
    ClockControl chip;
    chip.leave_running();
    ModelBus bus{&chip};

    EXPECT_TRUE(start_clocks(bus, h405_clocks));

    EXPECT_TRUE(chip.faults().empty()) << chip.faults().front();
    EXPECT_EQ(chip.at(ClockControl::pllcfgr), 0x07405408u);
}

TEST(StartClocks, DoesNotPrefetchOnRevisionA) {
    ClockControl chip;
    chip.set_revision(0x1000);
    ModelBus bus{&chip};

    EXPECT_TRUE(start_clocks(bus, h405_clocks));

    EXPECT_EQ(chip.at(ClockControl::acr), 0x605u);
}

TEST(StartClocks, GivesUpOnEachPartThatDoesNotAnswer) {
    for (const auto broken : {ClockControl::Broken::crystal,
                              ClockControl::Broken::pll,
                              ClockControl::Broken::flash,
                              ClockControl::Broken::selection}) {
        ClockControl chip(broken);
        ModelBus bus{&chip};

        EXPECT_FALSE(start_clocks(bus, h405_clocks)) << static_cast<int>(broken);

        EXPECT_TRUE(chip.faults().empty()) << chip.faults().front();
    }
}

class Timer final : public PeripheralModel {
public:
    std::uint32_t read(std::uintptr_t address) override {
        return address == 0x40000024 ? counter : registers[address];
    }
    void write(std::uintptr_t address, std::uint32_t value) override { registers[address] = value; }

    std::map<std::uintptr_t, std::uint32_t> registers;
    std::uint32_t counter = 0;
};

TEST(TimerClock, CountsHalfMilliseconds) {
    Timer timer;
    TimerClock<ModelBus> clock(ModelBus{&timer});

    clock.start(84'000'000);
    timer.counter = 2'000;

    EXPECT_EQ(timer.registers[0x40000028] + 1, 42'000u);
    EXPECT_EQ(timer.registers[0x4000002c], 0xffffffffu);
    EXPECT_EQ(timer.registers[0x40000000], 1u);
    EXPECT_EQ(clock.tick_ms(), 1'000u);
}

TEST(TimerClock, GoesOnWhereTheCounterBeginsAgain) {
    Timer timer;
    TimerClock<ModelBus> clock(ModelBus{&timer});
    std::uint64_t before = 0;

    for (std::uint64_t count = 0; count < 20'000'000'000; count += 1'500'000'000) {
        timer.counter = static_cast<std::uint32_t>(count);
        EXPECT_EQ(clock.tick_ms(), count / 2);
        EXPECT_GE(clock.tick_ms(), before);
        before = count / 2;
    }
}

}  // namespace
}  // namespace board::stm32f4
