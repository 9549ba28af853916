#pragma once

#include <string>

#include "hsm/cli/elf_image.h"

namespace hsm::cli::testing {

struct TestSegment {
    std::uint32_t address = 0;
    Bytes bytes;
};

inline void put(Bytes& bytes, std::size_t at, std::uint32_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        bytes[at + i] = static_cast<Byte>(value >> (8 * i));
    }
}

// A 32-bit executable for Arm with these loadable segments, and one that is not loaded.
inline Bytes make_elf(const std::vector<TestSegment>& segments) {
    Bytes elf(52 + 32 * (segments.size() + 1));
    constexpr Byte start[] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    std::ranges::copy(start, elf.begin());
    put(elf, 16, 2, 2);
    put(elf, 18, 40, 2);
    put(elf, 28, 52, 4);
    put(elf, 42, 32, 2);
    put(elf, 44, static_cast<std::uint32_t>(segments.size() + 1), 2);
    put(elf, 52, 0x70000001, 4);
    put(elf, 52 + 16, 0x7fffffff, 4);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto header = 52 + 32 * (i + 1);
        put(elf, header, 1, 4);
        put(elf, header + 4, static_cast<std::uint32_t>(elf.size()), 4);
        put(elf, header + 8, 0x20000000, 4);
        put(elf, header + 12, segments[i].address, 4);
        put(elf, header + 16, static_cast<std::uint32_t>(segments[i].bytes.size()), 4);
        elf.insert(elf.end(), segments[i].bytes.begin(), segments[i].bytes.end());
    }
    return elf;
}

// An image that begins with a vector table for `address`.
inline Bytes make_image(std::uint32_t address, std::size_t size, Byte fill) {
    Bytes image(size, fill);
    put(image, 0, 0x20001000, 4);
    put(image, 4, address + 9, 4);
    return image;
}

}  // namespace hsm::cli::testing
