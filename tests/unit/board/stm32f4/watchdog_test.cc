#include "board/stm32f4/watchdog.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/board/stm32f4/model_bus.h"

namespace board::stm32f4 {
namespace {

// In microseconds: §21.3, its table of time-outs.
std::uint64_t timeout_us(const watchdog::Setting& setting, std::uint32_t lsi_khz) {
    return std::uint64_t{setting.reload + 1} * (4u << setting.prescaler) * 1000 / lsi_khz;
}

TEST(WatchdogSetting, NeverBitesBeforeThePeriodIsOver) {
    for (std::uint32_t period_ms = 1; period_ms <= watchdog::period_ms_max; ++period_ms) {
        const auto setting = watchdog::setting(period_ms);
        ASSERT_LE(setting.reload, 0xfffu);
        ASSERT_LE(setting.prescaler, 6u);
        ASSERT_GE(timeout_us(setting, watchdog::lsi_khz_max), period_ms * 1000) << period_ms;
    }
}

TEST(WatchdogSetting, BitesSoonAfterIt) {
    for (std::uint32_t period_ms = 100; period_ms <= watchdog::period_ms_max; ++period_ms) {
        const auto setting = watchdog::setting(period_ms);
        ASSERT_LE(timeout_us(setting, watchdog::lsi_khz_min), period_ms * 3000) << period_ms;
    }
}

class Dog final : public PeripheralModel {
public:
    std::uint32_t read(std::uintptr_t address) override {
        return address == 0x4000300c && running && polls_left != 0 && polls_left-- != 0 ? 0b11 : 0;
    }
    void write(std::uintptr_t address, std::uint32_t value) override {
        if (address == 0x40003000) {
            open = value == 0x5555;
            running = running || value == 0xcccc;
            feeds += value == 0xaaaa ? 1 : 0;
            return;
        }
        EXPECT_TRUE(open) << "written without the key";
        registers[address] = value;
    }

    std::map<std::uintptr_t, std::uint32_t> registers;
    bool open = false;
    bool running = false;
    int feeds = 0;
    std::uint32_t polls_left = 50;
};

TEST(IndependentWatchdog, RunsWithItsSettingAndIsFed) {
    Dog dog;
    IndependentWatchdog<ModelBus> watchdog(ModelBus{&dog});

    watchdog.start(5'000);

    const auto setting = watchdog::setting(5'000);
    EXPECT_TRUE(dog.running);
    EXPECT_FALSE(dog.open);
    EXPECT_EQ(dog.registers[0x40003004], setting.prescaler);
    EXPECT_EQ(dog.registers[0x40003008], setting.reload);
    EXPECT_EQ(dog.feeds, 1);
    watchdog.feed();
    EXPECT_EQ(dog.feeds, 2);
}

TEST(IndependentWatchdog, DoesNotWaitForeverForItsRegisters) {
    Dog dog;
    dog.polls_left = 0xffffffff;
    IndependentWatchdog<ModelBus> watchdog(ModelBus{&dog});

    watchdog.start(1'000);

    EXPECT_EQ(dog.feeds, 1);
}

TEST(IndependentWatchdog, RefusesAPeriodItCannotKeep) {
    Dog dog;
    IndependentWatchdog<ModelBus> watchdog(ModelBus{&dog});

    EXPECT_DEATH(watchdog.start(watchdog::period_ms_max + 1), "");
}

}  // namespace
}  // namespace board::stm32f4
