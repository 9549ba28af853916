#pragma once

#include <optional>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "cloudsign/error.h"

namespace cloudsign {

// One JSON object: RFC 8259, UTF-8, at most 16 levels, no name twice in an object (Boost.JSON keeps
// the last: what a check saw and what is used could differ). `invalid` otherwise, with a detail
// that reads on from "the body …".
Result<boost::json::object> parse_strict_json(std::string_view text);
// The same of one JSON array.
Result<boost::json::array> parse_strict_json_array(std::string_view text);

// A member that is a string; none when it is absent or something else.
std::optional<std::string_view> string_in(const boost::json::object& object, std::string_view name);
// A member that is a whole number of at least 0.
std::optional<std::int64_t> whole_number_in(const boost::json::object& object,
                                            std::string_view name);

}  // namespace cloudsign
