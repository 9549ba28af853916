#pragma once

#include <cstring>

#include "board/stm32f4/flash_map.h"
#include "board/stm32f4/rcc.h"
#include "firmware/hal/flash.h"

namespace board::stm32f4 {

// Sectors of the chip's own flash, RM0090 §3.6 and §3.9. The supply must be 2.7 V or more, since
// words are written whole (PSIZE x32, §3.6.2): brown-out level 3 sees to it.
//
// A unit of 8 bytes is two words, the lower one first. There is no ECC, so nothing is unreadable,
// and no verification by the chip: what was written is read back from the cells, past the data
// cache, which would answer with what was meant to be written (§3.5.2).
//
// AnyBus has, beside read and write:
//   bool store_and_wait(address, word, polls_max): the store, and BSY polled from RAM until it
//   falls void copy(address, MutableBytes): from flash, never from a cached copy while DCEN is 0
template <class AnyBus>
class BankFlash final : public firmware::hal::Flash {
public:
    explicit constexpr BankFlash(const FlashRun& run, AnyBus bus = {}) : run_(run), bus_(bus) {
        CHECK(run.is_uniform());
    }

    firmware::hal::FlashGeometry geometry() const override {
        return {run_.sector_size(), run_.count, unit};
    }

    hsm::Result<void> read(std::uint32_t offset, hsm::MutableBytes into) override {
        const auto size = run_.sector_size() * run_.count;
        CHECK(offset <= size && into.size() <= size - offset);
        bus_.copy(run_.start() + offset, into);
        return {};
    }

    // `storage_failed` also for a unit that is not erased, before anything is written, and when it
    // does not read back as written.
    hsm::Result<void> program(std::uint32_t offset, hsm::ByteView units) override {
        const auto sector_size = run_.sector_size();
        CHECK(offset % unit == 0 && units.size() % unit == 0 && offset / sector_size < run_.count &&
              units.size() <= sector_size - offset % sector_size);
        const auto address = run_.start() + offset;
        const Uncached uncached(bus_);
        for (std::size_t i = 0; i < units.size(); i += sizeof(std::uint32_t)) {
            if (word_at(address + i) != erased_word) {
                return hsm::Status::storage_failed;
            }
        }
        TRY(unlocked(cr_program | cr_size_word, [&]() -> hsm::Result<void> {
            for (std::size_t i = 0; i < units.size(); i += sizeof(std::uint32_t)) {
                std::uint32_t word = 0;
                std::memcpy(&word, units.data() + i, sizeof(word));
                TRY(operate(address + i, word, program_polls_max));
            }
            return {};
        }));
        for (std::size_t i = 0; i < units.size(); i += sizeof(std::uint32_t)) {
            const auto word = word_at(address + i);
            if (std::memcmp(&word, units.data() + i, sizeof(word)) != 0) {
                return hsm::Status::storage_failed;
            }
        }
        return {};
    }

    // One to two seconds for 128 KB (datasheet, x32). `storage_failed` also when it does not read
    // blank afterwards.
    hsm::Result<void> erase(std::uint32_t sector) override {
        CHECK(sector < run_.count);
        const auto number = run_.first + sector;
        const Uncached uncached(bus_);
        const auto selected = cr_sector_erase | cr_size_word | number << cr_sector_shift;
        TRY(unlocked(selected, [&] { return operate(cr, selected | cr_start, erase_polls_max); }));
        const auto start = flash_sector_start(number);
        for (std::uint32_t i = 0; i < run_.sector_size(); i += sizeof(std::uint32_t)) {
            if (word_at(start + i) != erased_word) {
                return hsm::Status::storage_failed;
            }
        }
        return {};
    }

    // program and erase return when it is done.
    hsm::Result<void> sync() override { return {}; }

private:
    static constexpr std::uint32_t unit = 8;
    static constexpr std::uint32_t erased_word = 0xffffffff;

    static constexpr std::uintptr_t keyr = flash_interface + 0x04;
    static constexpr std::uintptr_t sr = flash_interface + 0x0c;
    static constexpr std::uintptr_t cr = flash_interface + 0x10;
    static constexpr std::uint32_t key_1 = 0x45670123;
    static constexpr std::uint32_t key_2 = 0xcdef89ab;
    static constexpr std::uint32_t sr_end = 1u << 0;
    // OPERR, WRPERR, PGAERR, PGPERR, PGSERR.
    static constexpr std::uint32_t sr_errors = 1u << 1 | 0b1111u << 4;
    static constexpr std::uint32_t sr_busy = 1u << 16;
    static constexpr std::uint32_t cr_program = 1u << 0;
    static constexpr std::uint32_t cr_sector_erase = 1u << 1;
    static constexpr unsigned cr_sector_shift = 3;
    static constexpr std::uint32_t cr_size_word = 0b10u << 8;
    static constexpr std::uint32_t cr_start = 1u << 16;
    static constexpr std::uint32_t cr_lock = 1u << 31;

    // A poll takes at least five cycles of 168 MHz: 3 ms where the datasheet says 100 us at most,
    // and 3 s where it says 2 s.
    static constexpr std::uint32_t program_polls_max = 100'000;
    static constexpr std::uint32_t erase_polls_max = 100'000'000;

    // While it lives, flash is read past the data cache. §3.5.2: caches are flushed while they are
    // off; both, because erased code would be executed from the other.
    class Uncached {
    public:
        explicit Uncached(AnyBus& bus) : bus_(bus) {
            clear_bits(bus_, flash_acr, flash_acr_data_cache);
        }
        ~Uncached() {
            constexpr auto resets = flash_acr_data_reset | flash_acr_instruction_reset;
            clear_bits(bus_, flash_acr, flash_acr_instruction_cache);
            set_bits(bus_, flash_acr, resets);
            clear_bits(bus_, flash_acr, resets);
            set_bits(bus_, flash_acr, flash_acr_instruction_cache | flash_acr_data_cache);
        }
        Uncached(const Uncached&) = delete;
        Uncached& operator=(const Uncached&) = delete;

    private:
        AnyBus& bus_;
    };

    std::uint32_t word_at(std::uintptr_t address) {
        std::array<hsm::Byte, sizeof(std::uint32_t)> bytes{};
        bus_.copy(address, bytes);
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof(word));
        return word;
    }

    // §3.6.1: CR takes writes after the two keys; a wrong key locks it until the next reset, and so
    // would the right ones while it is open. It is closed again whatever comes of `work`.
    template <class Work>
    hsm::Result<void> unlocked(std::uint32_t control, Work work) {
        if (!wait_until(bus_, sr, sr_busy, 0, program_polls_max)) {
            return hsm::Status::storage_failed;
        }
        if ((bus_.read(cr) & cr_lock) != 0) {
            bus_.write(keyr, key_1);
            bus_.write(keyr, key_2);
            if ((bus_.read(cr) & cr_lock) != 0) {
                return hsm::Status::storage_failed;
            }
        }
        bus_.write(sr, sr_errors | sr_end);  // cleared by writing 1
        bus_.write(cr, control);
        const auto done = work();
        bus_.write(cr, cr_lock);
        return done;
    }

    hsm::Result<void> operate(std::uintptr_t address, std::uint32_t word, std::uint32_t polls_max) {
        if (!bus_.store_and_wait(address, word, polls_max) || (bus_.read(sr) & sr_errors) != 0) {
            return hsm::Status::storage_failed;
        }
        return {};
    }

    FlashRun run_;
    [[no_unique_address]] AnyBus bus_;
};

}  // namespace board::stm32f4
