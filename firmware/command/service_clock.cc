#include "firmware/command/service_clock.h"

#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace firmware::command {

using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using hsm::Status;

namespace {

// "t" ‖ key id: one number for each key.
std::array<Byte, 1 + hsm::digest_size> key_of(const Digest& key_id) {
    std::array<Byte, 1 + hsm::digest_size> key{'t'};
    std::ranges::copy(key_id, key.begin() + 1);
    return key;
}

Result<std::uint64_t> last_time(storage::LogStore& store, const Digest& key_id) {
    std::array<Byte, sizeof(std::uint64_t)> buffer{};
    const auto stored = store.get(key_of(key_id), buffer);
    if (!stored) {
        return stored.error() == Status::no_such_record ? Result<std::uint64_t>(0) : stored.error();
    }
    hsm::ByteReader reader(*stored);
    const auto number = reader.u64();
    return number ? number : Status::storage_corrupt;
}

// Two decimal digits; above 99 where they are none.
unsigned two_digits(ByteView text, std::size_t at) {
    const unsigned tens = text[at] - unsigned{'0'};
    const unsigned ones = text[at + 1] - unsigned{'0'};
    return tens < 10 && ones < 10 ? tens * 10 + ones : 100;
}

// Days since 1970-01-01 in the Gregorian calendar, for years from 1970.
std::uint64_t days_before(unsigned year, unsigned month, unsigned day) {
    // Counted from March, so that the leap day is the last of its year.
    const unsigned shifted_year = month <= 2 ? year - 1 : year;
    const unsigned shifted_month = month <= 2 ? month + 9 : month - 3;
    const std::uint64_t days = std::uint64_t{365} * shifted_year + shifted_year / 4 -
                               shifted_year / 100 + shifted_year / 400 +
                               (153 * shifted_month + 2) / 5 + day - 1;
    return days - 719468;  // from 0000-03-01 to 1970-01-01
}

}  // namespace

Result<void> ServiceClock::check(storage::LogStore& store,
                                 const Digest& key_id,
                                 std::uint64_t tick_ms,
                                 std::uint64_t time_ms) const {
    TRY_ASSIGN(const auto last, last_time(store, key_id));
    if (time_ms + slack_ms < last) {
        return Status::time_not_trusted;
    }
    if (!known_) {
        return {};
    }
    const auto elapsed = tick_ms - tick_ms_;
    const auto expected = time_ms_ + elapsed;
    const auto allowed = slack_ms + (elapsed >> drift_shift);
    const auto off = time_ms > expected ? time_ms - expected : expected - time_ms;
    return off <= allowed ? Result<void>() : Status::time_not_trusted;
}

Result<void> ServiceClock::note(storage::LogStore& store,
                                const Digest& key_id,
                                std::uint64_t tick_ms,
                                std::uint64_t time_ms) {
    TRY_ASSIGN(const auto last, last_time(store, key_id));
    if (time_ms > last) {
        std::array<Byte, sizeof(std::uint64_t)> bytes{};
        hsm::ByteWriter writer(bytes);
        writer.u64(time_ms);
        TRY(store.put(key_of(key_id), bytes));
    }
    if (!known_) {
        known_ = true;
        tick_ms_ = tick_ms;
        time_ms_ = time_ms;
    }
    return {};
}

Result<std::uint64_t> read_generalized_time(ByteView text) {
    constexpr std::size_t whole = 14;
    constexpr std::size_t longest = whole + 1 + 9 + 1;
    if (text.size() < whole + 1 || text.size() > longest || text.back() != 'Z') {
        return Status::content_wrong;
    }
    const unsigned century = two_digits(text, 0);
    const unsigned in_century = two_digits(text, 2);
    const unsigned month = two_digits(text, 4);
    const unsigned day = two_digits(text, 6);
    const unsigned hour = two_digits(text, 8);
    const unsigned minute = two_digits(text, 10);
    const unsigned second = two_digits(text, 12);
    if (century > 99 || in_century > 99 || century * 100 + in_century < 1970 || month < 1 ||
        month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
        return Status::content_wrong;
    }
    const auto days = days_before(century * 100 + in_century, month, day);
    std::uint64_t milliseconds = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000;
    const auto fraction = text.subspan(whole, text.size() - whole - 1);
    if (fraction.empty()) {
        return milliseconds;
    }
    if (fraction.size() < 2 || fraction[0] != '.' || fraction.back() == '0') {
        return Status::content_wrong;
    }
    unsigned weight = 100;
    for (const auto digit : fraction.subspan(1)) {
        if (digit < '0' || digit > '9') {
            return Status::content_wrong;
        }
        milliseconds += std::uint64_t{weight} * (digit - unsigned{'0'});
        weight /= 10;
    }
    return milliseconds;
}

}  // namespace firmware::command
