#include "firmware/storage/crc32c.h"

namespace firmware::storage {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78u : 0u);
        }
        table[i] = value;
    }
    return table;
}

constexpr auto table = make_table();

}  // namespace

std::uint32_t crc32c(std::uint32_t before, hsm::ByteView bytes) {
    std::uint32_t state = ~before;
    for (const auto byte : bytes) {
        state = (state >> 8) ^ table[(state ^ byte) & 0xff];
    }
    return ~state;
}

}  // namespace firmware::storage
