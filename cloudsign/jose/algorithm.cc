#include "cloudsign/jose/algorithm.h"

#include <algorithm>
#include <array>

namespace cloudsign::jose {
namespace {

constexpr std::array<std::string_view, 4> all = {"ES256", "ES384", "PS256", "RS256"};

}  // namespace

std::string_view name(Algorithm algorithm) {
    return all.at(static_cast<std::size_t>(algorithm));
}

std::optional<Algorithm> algorithm_named(std::string_view name) {
    const auto* found = std::ranges::find(all, name);
    if (found == all.end()) {
        return std::nullopt;
    }
    return static_cast<Algorithm>(found - all.begin());
}

std::span<const std::string_view> algorithm_names() {
    return all;
}

}  // namespace cloudsign::jose
