#include <charconv>

#include "cloudsign/store/cell.h"

namespace cloudsign::store {

void Codec<std::vector<std::uint32_t>>::encode(const std::vector<std::uint32_t>& value,
                                               TextCell& cell) {
    cell.value.clear();
    for (const auto number : value) {
        cell.value += (cell.value.empty() ? "" : ",") + std::to_string(number);
    }
}

bool Codec<std::vector<std::uint32_t>>::decode(const TextCell& cell,
                                               std::vector<std::uint32_t>& value) {
    value.clear();
    const char* at = cell.value.data();
    const char* const end = at + cell.value.size();
    while (at != end) {
        std::uint32_t number = 0;
        const auto [after, error] = std::from_chars(at, end, number);
        const bool ends = after == end;
        if (error != std::errc() || (!ends && (*after != ',' || after + 1 == end))) {
            return false;
        }
        value.push_back(number);
        at = ends ? end : after + 1;
    }
    return true;
}

}  // namespace cloudsign::store
