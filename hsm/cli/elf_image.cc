#include "hsm/cli/elf_image.h"

#include "hsm/protocol/firmware_image.h"

namespace hsm::cli {
namespace {

// ELF-32 (Tool Interface Standard 1.2): offsets in the file header and in a program header.
constexpr std::size_t header_size = 52;
constexpr std::size_t program_header_size = 32;
constexpr std::uint32_t machine_arm = 40;
constexpr std::uint32_t type_executable = 2;
constexpr std::uint32_t segment_load = 1;

std::uint32_t little_endian(ByteView bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
        value = value << 8 | bytes[at + i];
    }
    return value;
}

struct Segment {
    std::uint32_t address = 0;  // p_paddr: where it lies, not where it is copied to
    ByteView bytes;
};

using Segments = Result<std::vector<Segment>, std::string>;

Segments read_segments(ByteView elf) {
    const auto table = little_endian(elf, 28, 4);
    const auto entry_size = little_endian(elf, 42, 2);
    const auto count = little_endian(elf, 44, 2);
    std::vector<Segment> segments;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto at = table + std::uint64_t{i} * entry_size;
        if (entry_size < program_header_size || at + program_header_size > elf.size()) {
            return std::string("a program header lies outside the file");
        }
        const auto header = elf.subspan(static_cast<std::size_t>(at), program_header_size);
        const auto offset = little_endian(header, 4, 4);
        const auto size = little_endian(header, 16, 4);
        if (little_endian(header, 0, 4) != segment_load || size == 0) {
            continue;
        }
        if (std::uint64_t{offset} + size > elf.size()) {
            return std::string("a segment lies outside the file");
        }
        segments.push_back({little_endian(header, 12, 4), elf.subspan(offset, size)});
    }
    if (segments.empty()) {
        return std::string("nothing in it is loaded");
    }
    std::ranges::sort(segments, {}, &Segment::address);
    return segments;
}

// Armv7-M B1.5.3: the first word is the initial stack pointer, the second the reset handler, whose
// lowest bit says Thumb.
bool begins_with_vectors(const ElfImage& image) {
    if (image.bytes.size() < 8) {
        return false;
    }
    const auto stack = little_endian(image.bytes, 0, 4);
    const auto reset = little_endian(image.bytes, 4, 4);
    return stack != 0 && stack % 8 == 0 && reset % 2 == 1 && reset >= image.load_address &&
           reset - image.load_address < image.bytes.size();
}

}  // namespace

Result<ElfImage, std::string> read_elf_image(ByteView elf) {
    constexpr Byte start[] = {0x7f, 'E', 'L', 'F', 1, 1, 1};  // 32 bits, little-endian, version 1
    if (elf.size() < header_size || !equal(elf.first(std::size(start)), start) ||
        little_endian(elf, 16, 2) != type_executable || little_endian(elf, 18, 2) != machine_arm) {
        return std::string("not a 32-bit executable for Arm");
    }
    TRY_ASSIGN(const auto segments, read_segments(elf));
    ElfImage image;
    image.load_address = segments.front().address;
    for (const auto& segment : segments) {
        const auto at = segment.address - image.load_address;
        if (at < image.bytes.size()) {
            return std::string("two segments overlap");
        }
        if (std::uint64_t{at} + segment.bytes.size() > protocol::firmware_body_size_max) {
            return std::string("it is larger than an image may be");
        }
        image.bytes.resize(at, 0xff);
        image.bytes.insert(image.bytes.end(), segment.bytes.begin(), segment.bytes.end());
    }
    if (!begins_with_vectors(image)) {
        return std::string("it does not begin with its vector table");
    }
    return image;
}

}  // namespace hsm::cli
