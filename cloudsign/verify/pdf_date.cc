#include "cloudsign/verify/pdf_date.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

namespace cloudsign::verify {
namespace {

// So many digits off the front of `text`; none when they are not there.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    int number = 0;
    const auto part = text.substr(0, digits);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (part.size() != digits || error != std::errc() || end != part.data() + part.size() ||
        number < 0) {
        return std::nullopt;
    }
    text.remove_prefix(digits);
    return number;
}

}  // namespace

std::optional<std::int64_t> read_pdf_date(std::string_view text) {
    if (text.starts_with("D:")) {
        text.remove_prefix(2);
    }
    std::tm parts{};
    const auto year = take_number(text, 4);
    const auto month = take_number(text, 2);
    const auto day = take_number(text, 2);
    if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1 || *day > 31) {
        return std::nullopt;
    }
    parts.tm_year = *year - 1900;
    parts.tm_mon = *month - 1;
    parts.tm_mday = *day;
    parts.tm_hour = take_number(text, 2).value_or(0);
    parts.tm_min = take_number(text, 2).value_or(0);
    parts.tm_sec = take_number(text, 2).value_or(0);
    std::int64_t offset_s = 0;
    if (text.starts_with('+') || text.starts_with('-')) {
        const int sign = text.front() == '+' ? 1 : -1;
        text.remove_prefix(1);
        const auto hours = take_number(text, 2).value_or(0);
        text.remove_prefix(text.starts_with('\'') ? 1 : 0);
        offset_s = sign * (hours * 3600ll + take_number(text, 2).value_or(0) * 60ll);
    }
    return (static_cast<std::int64_t>(timegm(&parts)) - offset_s) * 1000;
}

std::optional<std::int64_t> read_iso_time(std::string_view text) {
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (text.size() <= form.size()) {
        return std::nullopt;
    }
    std::string digits;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !is_digit : text[i] != form[i]) {
            return std::nullopt;
        }
        digits += is_digit ? std::string(1, text[i]) : "";
    }
    auto offset = text.substr(form.size());
    if (offset.starts_with('.')) {
        offset.remove_prefix(std::min(offset.find_first_not_of("0123456789", 1), offset.size()));
    }
    if (offset == "Z") {
        return read_pdf_date(digits);
    }
    constexpr std::string_view offset_form = "+00:00";
    const bool is_offset = offset.size() == offset_form.size() && offset[3] == ':' &&
                           (offset[0] == '+' || offset[0] == '-');
    return is_offset ? read_pdf_date(digits + std::string(offset.substr(0, 3)) + "'" +
                                     std::string(offset.substr(4)))
                     : std::nullopt;
}

}  // namespace cloudsign::verify
