#include "firmware/port/suite.h"

#include "firmware/selftest/noise_health.h"

namespace firmware::port {
namespace {

using hal::Board;
using hal::Flash;
using hsm::Byte;
using hsm::ByteView;
using hsm::MutableBytes;
using Wrong = std::string_view;

constexpr Wrong nothing{};
constexpr std::uint32_t piece_size = 64;

// What a unit is programmed with: tells it from its neighbours, of this sector and of others.
Byte pattern(std::uint32_t sector, std::uint32_t offset) {
    return static_cast<Byte>(offset * 31 + (offset >> 8) * 7 + sector * 101 + 1);
}

void fill_pattern(std::uint32_t sector, std::uint32_t offset, MutableBytes out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = pattern(sector, offset + static_cast<std::uint32_t>(i));
    }
}

enum class Content : std::uint8_t { erased, pattern };

bool holds(Flash& flash, std::uint32_t sector, Content content) {
    const auto size = flash.geometry().sector_size;
    std::array<Byte, piece_size> read;
    for (std::uint32_t offset = 0; offset < size; offset += piece_size) {
        if (!flash.read(sector * size + offset, read)) {
            return false;
        }
        for (std::uint32_t i = 0; i < piece_size; ++i) {
            const auto wanted =
                content == Content::erased ? Byte{0xff} : pattern(sector, offset + i);
            if (read[i] != wanted) {
                return false;
            }
        }
    }
    return true;
}

bool program_whole(Flash& flash, std::uint32_t sector) {
    const auto size = flash.geometry().sector_size;
    std::array<Byte, piece_size> units;
    for (std::uint32_t offset = 0; offset < size; offset += piece_size) {
        fill_pattern(sector, offset, units);
        if (!flash.program(sector * size + offset, units)) {
            return false;
        }
    }
    return flash.sync().has_value();
}

Wrong check_geometry(const Flash& flash, std::uint32_t sectors_min) {
    const auto geometry = flash.geometry();
    if (geometry.program_unit != 8 && geometry.program_unit != 16) {
        return "the unit is neither 8 nor 16 bytes";
    }
    if (geometry.sector_size == 0 || geometry.sector_size % piece_size != 0) {
        return "a sector is not a multiple of 64 bytes";
    }
    return geometry.sector_count < sectors_min ? "too few sectors" : nothing;
}

Wrong check_erase(Flash& flash, std::uint32_t sector) {
    if (!flash.erase(sector) || !flash.sync()) {
        return "erase fails";
    }
    return holds(flash, sector, Content::erased) ? nothing : "an erased byte is not 0xff";
}

Wrong check_single_unit(Flash& flash, std::uint32_t sector) {
    const auto geometry = flash.geometry();
    const auto base = sector * geometry.sector_size;
    const auto size = geometry.program_unit;
    std::array<Byte, 16> unit{};
    const auto units = MutableBytes(unit).first(size);
    fill_pattern(sector, size, units);
    if (!flash.program(base + size, units)) {
        return "one unit cannot be programmed";
    }
    std::array<Byte, 48> read{};
    const auto around = MutableBytes(read).first(std::size_t{3} * size);
    if (!flash.read(base, around) || !hsm::equal(around.subspan(size, size), units)) {
        return "a unit does not read back";
    }
    for (std::uint32_t i = 0; i < size; ++i) {
        if (around[i] != 0xff || around[2 * size + i] != 0xff) {
            return "a unit's neighbour has changed";
        }
    }
    for (std::uint32_t from = 0; from < size; ++from) {
        Byte one = 0;
        if (!flash.read(base + size + from, {&one, 1}) || one != units[from]) {
            return "a byte inside a unit does not read alone";
        }
    }
    return nothing;
}

// Flash takes bits from 1 to 0 only, and where there is ECC a unit once: a driver that answers ok
// to anything else lets worn flash pass.
Wrong check_used_unit(Flash& flash, std::uint32_t sector) {
    const auto geometry = flash.geometry();
    const auto offset = sector * geometry.sector_size + geometry.program_unit;
    std::array<Byte, 16> unit{};
    const auto units = MutableBytes(unit).first(geometry.program_unit);
    fill_pattern(sector, geometry.program_unit, units);
    for (auto& byte : units) {
        byte = static_cast<Byte>(~byte);
    }
    return flash.program(offset, units) ? "a used unit is said to have taken other bytes" : nothing;
}

Wrong check_whole_sector(Flash& flash, std::uint32_t sector) {
    if (!flash.erase(sector) || !program_whole(flash, sector)) {
        return "a sector cannot be programmed whole";
    }
    return holds(flash, sector, Content::pattern) ? nothing : "a sector does not read back";
}

template <Wrong (*check)(Flash&, std::uint32_t)>
Wrong on_scratch(Board& board) {
    return check(board.flash, board.flash.geometry().sector_count - 1);
}

template <Wrong (*check)(Flash&, std::uint32_t)>
Wrong on_secret(Board& board) {
    return check(board.secret_flash, 0);
}

Wrong store_geometry(Board& board) {
    return check_geometry(board.flash, 4);
}

Wrong secret_geometry(Board& board) {
    return check_geometry(board.secret_flash, 1);
}

Wrong neighbours_survive(Board& board) {
    auto& flash = board.flash;
    const auto last = flash.geometry().sector_count - 1;
    if (!check_whole_sector(flash, last - 1).empty() || !check_whole_sector(flash, last).empty()) {
        return "two sectors cannot be filled";
    }
    if (!flash.erase(last) || !holds(flash, last - 1, Content::pattern)) {
        return "an erase reaches into the sector before";
    }
    if (!program_whole(flash, last) || !flash.erase(last - 1) ||
        !holds(flash, last, Content::pattern)) {
        return "an erase reaches into the sector behind";
    }
    return nothing;
}

Wrong secret_is_apart(Board& board) {
    const auto last = board.flash.geometry().sector_count - 1;
    if (!check_whole_sector(board.flash, last).empty() ||
        !check_whole_sector(board.secret_flash, 0).empty()) {
        return "a sector cannot be filled";
    }
    if (!board.secret_flash.erase(0) || !holds(board.flash, last, Content::pattern)) {
        return "the store loses something with the secret";
    }
    return holds(board.secret_flash, 0, Content::erased) ? nothing : "the secret is still there";
}

Wrong scratch_erased(Board& board) {
    const auto last = board.flash.geometry().sector_count - 1;
    return board.flash.erase(last) && board.flash.erase(last - 1) && board.secret_flash.erase(0)
               ? nothing
               : "erase fails";
}

// Some seconds of looking at a clock of microseconds, less on a slow core.
constexpr std::uint32_t looks_max = 50'000'000;
constexpr std::uint64_t ticks_wanted = 20;

Wrong clock_goes_forward(Board& board) {
    const auto first = board.clock.tick_ms();
    auto last = first;
    for (std::uint32_t i = 0; i < looks_max && last < first + ticks_wanted; ++i) {
        const auto now = board.clock.tick_ms();
        if (now < last) {
            return "the clock goes back";
        }
        last = now;
    }
    return last < first + ticks_wanted ? "the clock stands" : nothing;
}

Wrong clock_runs_asleep(Board& board) {
    const auto first = board.clock.tick_ms();
    for (std::uint32_t i = 0; i < 100; ++i) {
        board.link.wait();
        if (board.clock.tick_ms() > first) {
            return nothing;
        }
    }
    return "the clock stands while the core sleeps, or the core never sleeps";
}

Wrong noise_claim(Board& board) {
    return selftest::noise_cutoffs(board.noise.claim()) ? nothing
                                                        : "less than a bit a sample is claimed";
}

Wrong noise_varies(Board& board) {
    std::array<std::array<Byte, 256>, 2> drawn;
    for (auto& samples : drawn) {
        if (!board.noise.sample(samples)) {
            return "no samples";
        }
    }
    if (std::ranges::count(drawn[0], drawn[0][0]) == std::ssize(drawn[0])) {
        return "the noise is constant";
    }
    if (drawn[0] == drawn[1]) {
        return "the same samples twice";
    }
    const auto unused = static_cast<Byte>(~((1u << board.noise.claim().sample_bits) - 1));
    for (const auto sample : drawn[0]) {
        if ((sample & unused) != 0) {
            return "a sample is larger than claimed";
        }
    }
    return nothing;
}

Wrong noise_health(Board& board) {
    selftest::TestedNoise noise(board.noise);
    std::array<Byte, 256> samples;
    for (int i = 0; i < 4; ++i) {
        if (!noise.start() || !noise.sample(samples)) {
            return "the health tests fail";
        }
    }
    return nothing;
}

Wrong unique_id_stays(Board& board) {
    return board.unique_id.unique_id() == board.unique_id.unique_id() ? nothing
                                                                      : "two reads differ";
}

// The proof is that it answers afterwards, and that `hang` (service.h) does not.
Wrong watchdog_is_fed(Board& board) {
    board.watchdog.start(hal::watchdog_period_ms);
    for (int i = 0; i < 3; ++i) {
        board.watchdog.feed();
    }
    return nothing;
}

Wrong switches_rest(Board& board) {
    if (board.presence.pressed()) {
        return "the button is pressed";
    }
    return board.tamper.tampered() ? "the case is open" : nothing;
}

constexpr Check all[] = {
    {"flash: geometry", store_geometry},
    {"flash: erase", on_scratch<check_erase>},
    {"flash: one unit", on_scratch<check_single_unit>},
    {"flash: a used unit", on_scratch<check_used_unit>},
    {"flash: a sector whole", on_scratch<check_whole_sector>},
    {"flash: neighbours", neighbours_survive},
    {"secret: geometry", secret_geometry},
    {"secret: erase", on_secret<check_erase>},
    {"secret: one unit", on_secret<check_single_unit>},
    {"secret: a used unit", on_secret<check_used_unit>},
    {"secret: apart", secret_is_apart},
    {"flash: left erased", scratch_erased},
    {"clock: forward", clock_goes_forward},
    {"clock: asleep", clock_runs_asleep},
    {"noise: claim", noise_claim},
    {"noise: varies", noise_varies},
    {"noise: health", noise_health},
    {"unique id", unique_id_stays},
    {"watchdog: fed", watchdog_is_fed},
    {"switches", switches_rest},
};

}  // namespace

std::span<const Check> checks() {
    return all;
}

}  // namespace firmware::port
