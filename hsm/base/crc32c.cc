#include "hsm/base/crc32c.h"

namespace hsm::base {
namespace {

// Bits taken in one step: a table of 1 KB on a host, of 64 bytes on a board.
#ifdef __linux__
constexpr unsigned step_bits = 8;
#else
constexpr unsigned step_bits = 4;
#endif
constexpr std::uint32_t polynomial = 0x82f63b78;  // reflected

constexpr auto make_table() {
    std::array<std::uint32_t, 1u << step_bits> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        auto crc = i;
        for (unsigned bit = 0; bit < step_bits; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
        }
        table[i] = crc;
    }
    return table;
}

constexpr auto table = make_table();

}  // namespace

std::uint32_t crc32c(std::uint32_t before, ByteView bytes) {
    auto crc = ~before;
    for (const auto byte : bytes) {
        crc ^= byte;
        for (unsigned done = 0; done < 8; done += step_bits) {
            crc = (crc >> step_bits) ^ table[crc & (table.size() - 1)];
        }
    }
    return ~crc;
}

}  // namespace hsm::base
