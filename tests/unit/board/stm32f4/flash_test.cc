#include "board/stm32f4/flash.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/board/stm32f4/model_bus.h"

namespace board::stm32f4 {
namespace {

using hsm::Byte;
using hsm::ByteView;
using hsm::Status;

// §3.4, "flash module organization", as it stands there.
TEST(FlashMap, HasTheManualsSectors) {
    constexpr std::uintptr_t starts[] = {0x08000000,
                                         0x08004000,
                                         0x08008000,
                                         0x0800c000,
                                         0x08010000,
                                         0x08020000,
                                         0x08040000,
                                         0x08060000,
                                         0x08080000,
                                         0x080a0000,
                                         0x080c0000,
                                         0x080e0000};
    for (std::uint32_t sector = 0; sector < 12; ++sector) {
        EXPECT_EQ(flash_sector_start(sector), starts[sector]);
    }
    EXPECT_EQ(flash_sector_size(11), 131072u);
}

TEST(FlashMap, TakesOnlySectorsOfOneSizeForOneFlash) {
    EXPECT_TRUE((FlashRun{0, 4}.is_uniform()));
    EXPECT_TRUE((FlashRun{4, 1}.is_uniform()));
    EXPECT_TRUE((FlashRun{5, 7}.is_uniform()));
    EXPECT_FALSE((FlashRun{3, 2}.is_uniform()));
    EXPECT_FALSE((FlashRun{4, 2}.is_uniform()));
    EXPECT_FALSE((FlashRun{7, 6}.is_uniform()));
    EXPECT_FALSE((FlashRun{12, 1}.is_uniform()));
    EXPECT_FALSE((FlashRun{7, 0}.is_uniform()));
}

// The flash interface after RM0090 §3.5, §3.6 and §3.9: lock, keys, error flags, cells that only
// lose bits, and a data cache that keeps what it has until it is reset.
class FlashInterface final : public PeripheralModel {
public:
    std::uint32_t read(std::uintptr_t address) override {
        switch (address) {
            case acr:
                return acr_;
            case sr:
                return sr_ | (busy_polls_ != 0 && busy_polls_-- != 0 ? 1u << 16 : 0);
            case cr:
                return cr_;
            default:
                return 0;
        }
    }

    void write(std::uintptr_t address, std::uint32_t value) override {
        switch (address) {
            case acr:
                write_acr(value);
                return;
            case keyr:
                write_key(value);
                return;
            case sr:
                sr_ &= ~value;
                return;
            case cr:
                write_cr(value);
                return;
            default:
                write_cells(address, value);
        }
    }

    bool store_and_wait(std::uintptr_t address, std::uint32_t word, std::uint32_t polls_max) {
        write(address, word);
        stores_.push_back(address);
        if (stuck) {
            return false;
        }
        EXPECT_GT(polls_max, 1000u);
        return true;
    }

    void copy(std::uintptr_t address, hsm::MutableBytes into) {
        for (auto& byte : into) {
            const auto at = address++ - flash_start;
            const bool cached = (acr_ & 1u << 10) != 0;
            if (cached && !cache_[at]) {
                cache_[at] = cells_[at];
            }
            byte = cached ? *cache_[at] : cells_[at];
        }
    }

    // A cell that stays as it is whatever is done to it.
    std::optional<std::uintptr_t> dead_cell;
    bool stuck = false;
    std::uint32_t error_at_next = 0;
    // At the next key or flag that is wrong.
    std::vector<std::string> faults;
    bool locked() const { return (cr_ & 1u << 31) != 0; }
    void lock_for_good() { keys_refused_ = true; }
    Byte& cell(std::uintptr_t address) { return cells_[address - flash_start]; }
    const std::vector<std::uintptr_t>& stores() const { return stores_; }
    std::uint32_t cache_control() const { return acr_ & 0x600; }

    static constexpr std::uintptr_t acr = 0x40023c00;
    static constexpr std::uintptr_t keyr = 0x40023c04;
    static constexpr std::uintptr_t sr = 0x40023c0c;
    static constexpr std::uintptr_t cr = 0x40023c10;

private:
    void write_acr(std::uint32_t value) {
        if ((value & 1u << 12) != 0) {
            if ((value & 1u << 10) != 0) {
                faults.emplace_back("data cache reset while on");
            }
            std::fill(cache_.begin(), cache_.end(), std::nullopt);
        }
        if ((value & 1u << 11) != 0 && (value & 1u << 9) != 0) {
            faults.emplace_back("instruction cache reset while on");
        }
        if ((value & 0b111) != 5) {
            faults.emplace_back("wait states changed");
        }
        acr_ = value;
    }

    void write_key(std::uint32_t value) {
        if (!locked() || value != (first_key_seen_ ? 0xcdef89abu : 0x45670123u)) {
            faults.emplace_back("wrong key");
            keys_refused_ = true;
            return;
        }
        if (first_key_seen_ && !keys_refused_) {
            cr_ &= ~(1u << 31);
        }
        first_key_seen_ = !first_key_seen_;
    }

    void write_cr(std::uint32_t value) {
        if (locked()) {
            faults.emplace_back("CR written while locked");
            return;
        }
        cr_ = value;
        if ((value & 1u << 16) != 0) {
            erase();
        }
    }

    void erase() {
        if ((cr_ & 0b111) != 0b010 || (cr_ >> 8 & 0b11) != 0b10) {
            faults.emplace_back("not a sector erase by words");
        }
        if (take_error()) {
            return;
        }
        const auto sector = cr_ >> 3 & 0xf;
        const auto start = flash_sector_start(sector);
        for (std::uint32_t i = 0; i < flash_sector_size(sector); ++i) {
            if (dead_cell != start + i) {
                cells_[start + i - flash_start] = 0xff;
            }
        }
        cr_ &= ~(1u << 16);
        busy_polls_ = 3;
    }

    void write_cells(std::uintptr_t address, std::uint32_t value) {
        if (address < flash_start || address >= flash_start + flash_size) {
            faults.emplace_back("no such address");
            return;
        }
        if ((cr_ & 1) == 0 || locked() || (cr_ >> 8 & 0b11) != 0b10 || address % 4 != 0) {
            sr_ |= 1u << 7;
            faults.emplace_back("programming sequence");
            return;
        }
        if (take_error()) {
            return;
        }
        for (unsigned i = 0; i < 4; ++i) {
            const auto at = address + i - flash_start;
            if (dead_cell != address + i) {
                cells_[at] &= static_cast<Byte>(value >> (8 * i));
            }
            // §3.5.2: a write also changes the cached copy, to what was meant.
            if (cache_[at]) {
                *cache_[at] &= static_cast<Byte>(value >> (8 * i));
            }
        }
        busy_polls_ = 3;
    }

    bool take_error() {
        sr_ |= error_at_next;
        return error_at_next != 0;
    }

    std::vector<Byte> cells_ = std::vector<Byte>(flash_size, 0xff);
    std::vector<std::optional<Byte>> cache_ = std::vector<std::optional<Byte>>(flash_size);
    std::uint32_t acr_ = 0x705;
    std::uint32_t sr_ = 0xc0;  // some chips come out of reset with PGSERR and PGPERR set
    std::uint32_t cr_ = 1u << 31;
    bool first_key_seen_ = false;
    bool keys_refused_ = false;
    unsigned busy_polls_ = 0;
    std::vector<std::uintptr_t> stores_;
};

struct FlashModelBus : ModelBus {
    bool store_and_wait(std::uintptr_t address, std::uint32_t word, std::uint32_t polls_max) {
        return chip().store_and_wait(address, word, polls_max);
    }
    void copy(std::uintptr_t address, hsm::MutableBytes into) { chip().copy(address, into); }
    FlashInterface& chip() { return static_cast<FlashInterface&>(*model); }
};

class BankFlashTest : public testing::Test {
protected:
    ~BankFlashTest() override {
        EXPECT_TRUE(chip.faults.empty()) << chip.faults.front();
        EXPECT_TRUE(chip.locked());
        EXPECT_EQ(chip.cache_control(), 0x600u);
    }

    std::vector<Byte> pattern(std::size_t size) {
        std::vector<Byte> bytes(size);
        for (std::size_t i = 0; i < size; ++i) {
            bytes[i] = static_cast<Byte>(i * 7 + 1);
        }
        return bytes;
    }
    std::vector<Byte> read(std::uint32_t offset, std::size_t size) {
        std::vector<Byte> bytes(size);
        EXPECT_TRUE(flash.read(offset, bytes));
        return bytes;
    }

    static constexpr std::uintptr_t start = 0x08060000;

    FlashInterface chip;
    BankFlash<FlashModelBus> flash{{7, 5}, FlashModelBus{{&chip}}};
};

TEST_F(BankFlashTest, IsTheFiveLastSectors) {
    EXPECT_EQ(flash.geometry(), (firmware::hal::FlashGeometry{131072, 5, 8}));
}

TEST_F(BankFlashTest, ReadsBackWhatItProgrammed) {
    const auto bytes = pattern(64);

    EXPECT_TRUE(flash.program(131072 + 16, bytes));

    EXPECT_EQ(read(131072 + 16, 64), bytes);
    EXPECT_EQ(chip.cell(0x08080010), bytes[0]);
    EXPECT_EQ(chip.cell(0x0808000f), 0xff);
    EXPECT_EQ(chip.cell(0x08080050), 0xff);
}

TEST_F(BankFlashTest, ProgramsWordsUpwardsEachOnce) {
    EXPECT_TRUE(flash.program(8, pattern(24)));

    std::vector<std::uintptr_t> upwards;
    for (std::uintptr_t address = start + 8; address < start + 32; address += 4) {
        upwards.push_back(address);
    }
    EXPECT_EQ(chip.stores(), upwards);
}

TEST_F(BankFlashTest, ErasesOneSectorAndNothingElse) {
    for (const auto address : {0x0805ffffu, 0x08060000u, 0x0807ffffu, 0x08080000u, 0x080fffffu}) {
        chip.cell(address) = 0;
    }

    EXPECT_TRUE(flash.erase(0));

    EXPECT_EQ(chip.cell(0x0805ffff), 0);
    EXPECT_EQ(chip.cell(0x08060000), 0xff);
    EXPECT_EQ(chip.cell(0x0807ffff), 0xff);
    EXPECT_EQ(chip.cell(0x08080000), 0);
    EXPECT_TRUE(flash.erase(4));
    EXPECT_EQ(chip.cell(0x080fffff), 0xff);
}

TEST_F(BankFlashTest, ShowsNothingOfAnErasedSectorFromTheCache) {
    EXPECT_TRUE(flash.program(0, pattern(16)));
    EXPECT_EQ(read(0, 16), pattern(16));

    EXPECT_TRUE(flash.erase(0));

    EXPECT_EQ(read(0, 16), std::vector<Byte>(16, 0xff));
}

TEST_F(BankFlashTest, RefusesAUnitThatIsNotErasedBeforeTouchingAny) {
    EXPECT_TRUE(flash.program(16, pattern(8)));
    const auto stores = chip.stores().size();

    EXPECT_EQ(flash.program(0, pattern(24)).error(), Status::storage_failed);

    EXPECT_EQ(chip.stores().size(), stores);
}

TEST_F(BankFlashTest, NoticesACellThatDidNotTake) {
    chip.dead_cell = start + 5;

    EXPECT_EQ(flash.program(0, pattern(8)).error(), Status::storage_failed);
}

// The cache holds the blank unit, and the write changes that copy to what was meant.
TEST_F(BankFlashTest, NoticesItBehindTheCacheToo) {
    (void)read(0, 8);
    chip.dead_cell = start + 5;

    EXPECT_EQ(flash.program(0, pattern(8)).error(), Status::storage_failed);
    EXPECT_EQ(read(5, 1), std::vector<Byte>{0xff});
}

TEST_F(BankFlashTest, NoticesACellThatDidNotErase) {
    chip.cell(start + 1000) = 0;
    chip.dead_cell = start + 1000;

    EXPECT_EQ(flash.erase(0).error(), Status::storage_failed);
}

TEST_F(BankFlashTest, ReportsEachErrorFlagAndWorksAgain) {
    for (const unsigned bit : {1, 4, 5, 6, 7}) {
        chip.error_at_next = 1u << bit;
        EXPECT_EQ(flash.program(0, pattern(8)).error(), Status::storage_failed) << bit;
        EXPECT_EQ(flash.erase(1).error(), Status::storage_failed) << bit;
        chip.error_at_next = 0;
        EXPECT_TRUE(flash.erase(1));
    }
    EXPECT_TRUE(flash.program(0, pattern(8)));
}

TEST_F(BankFlashTest, GivesUpOnFlashThatStaysBusy) {
    chip.stuck = true;

    EXPECT_EQ(flash.program(0, pattern(8)).error(), Status::storage_failed);
    EXPECT_EQ(flash.erase(0).error(), Status::storage_failed);
}

TEST_F(BankFlashTest, AnswersWhereTheKeysAreRefused) {
    chip.lock_for_good();

    EXPECT_EQ(flash.erase(0).error(), Status::storage_failed);
}

}  // namespace
}  // namespace board::stm32f4
