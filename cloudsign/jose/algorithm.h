#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace cloudsign::jose {

// RFC 7518 §3: the signature algorithms that are taken from others. None of them is symmetric, and
// `none` is no algorithm.
enum class Algorithm { es256, es384, ps256, rs256 };

std::string_view name(Algorithm algorithm);
std::optional<Algorithm> algorithm_named(std::string_view name);
std::span<const std::string_view> algorithm_names();

}  // namespace cloudsign::jose
