#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cloudsign::verify {

// ISO 32000-2 §7.9.4: D:YYYYMMDDHHmmSSOHH'mm', from the day on; without an offset it is UTC.
std::optional<std::int64_t> read_pdf_date(std::string_view text);

// xsd:dateTime, with its offset or Z; fractions of a second are left out.
std::optional<std::int64_t> read_iso_time(std::string_view text);

}  // namespace cloudsign::verify
