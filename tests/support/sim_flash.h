#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "firmware/hal/flash.h"

namespace tests::support {

// What a power cut leaves of the operation that it meets.
enum class Tear {
    nothing,          // as before
    some_bits,        // program: any subset of the bits; erase: any mixture, unit by unit
    first_half,       // program: first half of the unit; erase: first half of the sector
    done,             // complete, but nobody was told
    unreadable,       // the unit answers an ECC error; erase: each unit may
    reads_blank,      // reads erased, but must not be programmed before the next erase
    unsynced_subset,  // a file: of all since the last sync, any of the 512-byte pages
};
constexpr Tear all_tears[] = {Tear::nothing,
                              Tear::some_bits,
                              Tear::first_half,
                              Tear::done,
                              Tear::unreadable,
                              Tear::reads_blank,
                              Tear::unsynced_subset};

// NOR flash in memory that counts its operations (a program of one unit, an erase, a sync), fails
// at a chosen one, wears out, and notices every use that real flash would not forgive.
class SimFlash final : public firmware::hal::Flash {
public:
    explicit SimFlash(const firmware::hal::FlashGeometry& geometry)
        : geometry_(geometry),
          now_(geometry.sector_size * geometry.sector_count,
               geometry.sector_size * geometry.sector_count / geometry.program_unit),
          durable_(now_),
          dirty_(now_.bytes.size() / page_size, false) {}

    firmware::hal::FlashGeometry geometry() const override { return geometry_; }

    hsm::Result<void> read(std::uint32_t offset, hsm::MutableBytes into) override {
        if (off_) {
            return hsm::Status::storage_failed;
        }
        if (offset + into.size() > now_.bytes.size()) {
            ++violations_;
            return hsm::Status::storage_failed;
        }
        if (into.empty()) {
            return {};
        }
        const auto last = (offset + into.size() - 1) / geometry_.program_unit;
        for (auto unit = offset / geometry_.program_unit; unit <= last; ++unit) {
            if (now_.units[unit] == Unit::unreadable) {
                return hsm::Status::storage_corrupt;
            }
        }
        std::copy_n(now_.bytes.begin() + offset, into.size(), into.begin());
        return {};
    }

    hsm::Result<void> program(std::uint32_t offset, hsm::ByteView bytes) override {
        const auto unit_size = geometry_.program_unit;
        const auto sector_end = (offset / geometry_.sector_size + 1) * geometry_.sector_size;
        if (offset % unit_size != 0 || bytes.size() % unit_size != 0 || bytes.empty() ||
            offset + bytes.size() > sector_end || offset + bytes.size() > now_.bytes.size()) {
            ++violations_;
            return hsm::Status::storage_failed;
        }
        for (std::uint32_t done = 0; done < bytes.size(); done += unit_size) {
            if (!operate()) {
                tear_program(offset + done, bytes.subspan(done, unit_size));
                return hsm::Status::storage_failed;
            }
            if (off_) {
                return hsm::Status::storage_failed;
            }
            if (is_worn(offset / geometry_.sector_size) && wear_random_() % 16 == 0) {
                return fail_program(offset + done, bytes.subspan(done, unit_size));
            }
            program_unit(offset + done, bytes.subspan(done, unit_size));
        }
        return {};
    }

    hsm::Result<void> erase(std::uint32_t sector) override {
        if (sector >= geometry_.sector_count) {
            ++violations_;
            return hsm::Status::storage_failed;
        }
        const bool whole = operate();
        turning_points_.push_back(operations_);
        if (off_ && whole) {
            return hsm::Status::storage_failed;
        }
        const auto start = sector * geometry_.sector_size;
        const auto units = geometry_.sector_size / geometry_.program_unit;
        if (skip_blank_erase_ && whole && reads_blank(start)) {
            return {};
        }
        if (whole && is_worn(sector) && wear_random_() % 2 == 0) {
            return fail_erase(sector);
        }
        for (std::uint32_t i = 0; i < units; ++i) {
            if (whole || tear_ == Tear::done || tear_ == Tear::unsynced_subset) {
                set_unit(start + i * geometry_.program_unit, Unit::erased);
            } else {
                tear_erase(start + i * geometry_.program_unit, i < units / 2);
            }
        }
        ++erases_[sector];
        return lose_unsynced_if(!whole);
    }

    hsm::Result<void> sync() override {
        const bool whole = operate();
        turning_points_.push_back(operations_);
        if (off_ && whole) {
            return hsm::Status::storage_failed;
        }
        if (!ignore_sync_ && (whole || tear_ == Tear::done)) {
            for (std::size_t page = 0; page < dirty_.size(); ++page) {
                if (dirty_[page]) {
                    copy_page(now_, durable_, page);
                }
            }
            dirty_.assign(dirty_.size(), false);
        }
        return lose_unsynced_if(!whole);
    }

    // Power fails in the operation with this number, counted from 1 from here.
    void cut_at(std::uint64_t operation, Tear tear, std::uint32_t seed) {
        operations_ = 0;
        turning_points_.clear();
        cut_ = operation;
        tear_ = tear;
        random_.seed(seed);
    }
    void power_on() {
        off_ = false;
        failing_ = false;
        cut_.reset();
        operations_ = 0;
        turning_points_.clear();
        durable_ = now_;
        dirty_.assign(dirty_.size(), false);
    }
    bool off() const { return off_; }
    std::uint64_t operations() const { return operations_; }
    // Which of them were erases and syncs, by number.
    const std::vector<std::uint64_t>& turning_points() const { return turning_points_; }
    std::uint64_t violations() const { return violations_; }
    std::uint64_t erases(std::uint32_t sector) const { return erases_[sector]; }
    void flip(std::size_t bit) { now_.bytes[bit / 8] ^= static_cast<hsm::Byte>(1 << (bit % 8)); }
    hsm::MutableBytes bytes() { return now_.bytes; }

    // The unit at `offset` has more wrong bits than its ECC repairs, until the next erase. False,
    // and nothing done, unless it was programmed.
    bool make_unreadable(std::uint32_t offset) {
        auto& unit = now_.units[offset / geometry_.program_unit];
        if (unit != Unit::programmed) {
            return false;
        }
        unit = Unit::unreadable;
        return true;
    }
    void repair(std::uint32_t offset) {
        now_.units[offset / geometry_.program_unit] = Unit::programmed;
    }

    // Each sector takes `erases` erases and up to `spread` more; then every other erase and every
    // sixteenth program in it is reported as failed, and leaves anything behind.
    void wear_out(std::uint64_t erases, std::uint64_t spread, std::uint32_t seed) {
        wear_random_.seed(seed);
        for (auto& limit : endurance_) {
            limit = erases + wear_random_() % (spread + 1);
        }
    }
    // Has the device reported an error of its own since the last power_on?
    bool failing() const { return failing_; }

    // Two devices that are wrong, for the test of the tests: sync answers ok and does nothing;
    // erase is left out where the sector reads blank.
    void ignore_sync() { ignore_sync_ = true; }
    void skip_blank_erase() { skip_blank_erase_ = true; }

private:
    static constexpr std::uint32_t page_size = 512;

    // blank_torn: reads erased, but an interrupted program or erase has touched it.
    enum class Unit : std::uint8_t { erased, programmed, unreadable, blank_torn };

    struct Image {
        Image(std::size_t size, std::size_t unit_count)
            : bytes(size, 0xff), units(unit_count, Unit::erased) {}
        std::vector<hsm::Byte> bytes;
        std::vector<Unit> units;
    };

    // False in the operation that is cut.
    bool operate() {
        if (off_) {
            return true;
        }
        ++operations_;
        if (cut_ && operations_ == *cut_) {
            off_ = true;
            return false;
        }
        return true;
    }

    bool is_worn(std::uint32_t sector) const { return erases_[sector] >= endurance_[sector]; }

    // What a worn cell array keeps of an operation that it reports as failed.
    void damage(std::uint32_t offset) {
        switch (wear_random_() % 4) {
            case 0:
                return set_unit(offset, Unit::unreadable);
            case 1:
                return set_unit(offset, Unit::blank_torn);
            case 2:
                touch(offset);
                now_.units[offset / geometry_.program_unit] = Unit::programmed;
                for (std::uint32_t i = 0; i < geometry_.program_unit; ++i) {
                    now_.bytes[offset + i] = static_cast<hsm::Byte>(wear_random_());
                }
                return;
            default:
                return;
        }
    }

    hsm::Status fail_program(std::uint32_t offset, hsm::ByteView unit) {
        failing_ = true;
        program_unit(offset, unit);
        damage(offset);
        return hsm::Status::storage_failed;
    }

    hsm::Status fail_erase(std::uint32_t sector) {
        failing_ = true;
        ++erases_[sector];
        const auto start = sector * geometry_.sector_size;
        for (std::uint32_t at = 0; at < geometry_.sector_size; at += geometry_.program_unit) {
            damage(start + at);
        }
        return hsm::Status::storage_failed;
    }

    bool reads_blank(std::uint32_t start) const {
        const auto from = now_.bytes.begin() + start;
        return std::all_of(
            from, from + geometry_.sector_size, [](hsm::Byte byte) { return byte == 0xff; });
    }

    void touch(std::uint32_t offset) { dirty_[offset / page_size] = true; }

    void set_unit(std::uint32_t offset, Unit state) {
        touch(offset);
        now_.units[offset / geometry_.program_unit] = state;
        if (state != Unit::programmed) {
            std::fill_n(now_.bytes.begin() + offset, geometry_.program_unit, hsm::Byte{0xff});
        }
    }

    void program_unit(std::uint32_t offset, hsm::ByteView unit) {
        touch(offset);
        auto& state = now_.units[offset / geometry_.program_unit];
        if (state != Unit::erased) {
            ++violations_;
        }
        state = Unit::programmed;
        for (std::size_t i = 0; i < unit.size(); ++i) {
            now_.bytes[offset + i] &= unit[i];
        }
    }

    void tear_program(std::uint32_t offset, hsm::ByteView unit) {
        std::vector<hsm::Byte> torn(unit.begin(), unit.end());
        switch (tear_) {
            case Tear::nothing:
                return;
            case Tear::some_bits:
                for (auto& byte : torn) {
                    byte = static_cast<hsm::Byte>(byte | random_());
                }
                break;
            case Tear::first_half:
                std::fill(torn.begin() + static_cast<std::ptrdiff_t>(torn.size() / 2),
                          torn.end(),
                          hsm::Byte{0xff});
                break;
            case Tear::done:
                break;
            case Tear::unreadable:
                set_unit(offset, Unit::unreadable);
                return;
            case Tear::reads_blank:
                set_unit(offset, Unit::blank_torn);
                return;
            case Tear::unsynced_subset:
                program_unit(offset, unit);
                lose_unsynced();
                return;
        }
        program_unit(offset, torn);
    }

    void tear_erase(std::uint32_t offset, bool in_first_half) {
        const auto choice = random_() % 3;
        if (tear_ == Tear::nothing || (tear_ == Tear::first_half && !in_first_half)) {
            return;
        }
        if (tear_ == Tear::unreadable && choice == 0) {
            set_unit(offset, Unit::unreadable);
            return;
        }
        if (tear_ == Tear::some_bits && choice == 1) {
            for (std::uint32_t i = 0; i < geometry_.program_unit; ++i) {
                now_.bytes[offset + i] |= static_cast<hsm::Byte>(random_());
            }
            touch(offset);
            now_.units[offset / geometry_.program_unit] = Unit::programmed;
            return;
        }
        if (tear_ == Tear::some_bits && choice == 2) {
            return;
        }
        set_unit(offset, Unit::blank_torn);
    }

    hsm::Result<void> lose_unsynced_if(bool cut) {
        if (!cut) {
            return {};
        }
        if (tear_ == Tear::unsynced_subset) {
            lose_unsynced();
        }
        return hsm::Status::storage_failed;
    }

    // Pages that no sync has covered may have reached the disk in any order.
    void lose_unsynced() {
        for (std::size_t page = 0; page < dirty_.size(); ++page) {
            if (dirty_[page] && random_() % 2 == 0) {
                copy_page(durable_, now_, page);
            }
        }
        // A file knows bytes alone: a unit that was programmed and reads blank is blank again.
        for (std::size_t unit = 0; unit < now_.units.size(); ++unit) {
            if (now_.units[unit] == Unit::programmed && unit_reads_blank(unit)) {
                now_.units[unit] = Unit::erased;
            }
        }
        durable_ = now_;
        dirty_.assign(dirty_.size(), false);
    }

    bool unit_reads_blank(std::size_t unit) const {
        const auto from =
            now_.bytes.begin() + static_cast<std::ptrdiff_t>(unit * geometry_.program_unit);
        return std::all_of(
            from, from + geometry_.program_unit, [](hsm::Byte byte) { return byte == 0xff; });
    }

    void copy_page(const Image& from, Image& to, std::size_t page) {
        const auto start = static_cast<std::ptrdiff_t>(page * page_size);
        const auto unit_start = start / static_cast<std::ptrdiff_t>(geometry_.program_unit);
        std::copy_n(from.bytes.begin() + start, page_size, to.bytes.begin() + start);
        std::copy_n(from.units.begin() + unit_start,
                    page_size / geometry_.program_unit,
                    to.units.begin() + unit_start);
    }

    firmware::hal::FlashGeometry geometry_;
    Image now_;
    Image durable_;
    std::vector<bool> dirty_;
    std::vector<std::uint64_t> erases_ = std::vector<std::uint64_t>(geometry_.sector_count);
    std::vector<std::uint64_t> endurance_ =
        std::vector<std::uint64_t>(geometry_.sector_count, UINT64_MAX);
    std::uint64_t operations_ = 0;
    std::vector<std::uint64_t> turning_points_;
    std::uint64_t violations_ = 0;
    std::optional<std::uint64_t> cut_;
    Tear tear_ = Tear::nothing;
    std::mt19937 random_;
    std::mt19937 wear_random_;
    bool off_ = false;
    bool failing_ = false;
    bool ignore_sync_ = false;
    bool skip_blank_erase_ = false;
};

}  // namespace tests::support
