#include "hsm/protocol/firmware_image.h"

#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace hsm::protocol {
namespace {

constexpr std::string_view magic = "kysofw";
constexpr std::uint16_t format = 1;
constexpr std::size_t variant_size = 4 + 4 + digest_size;
constexpr std::size_t used_size =
    8 + firmware_board_size + 12 + firmware_variants_max * variant_size;
constexpr std::size_t reserved_size = firmware_header_size - used_size;
static_assert(used_size <= firmware_header_size);

bool is_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](Byte byte) { return byte == 0; });
}

bool is_board_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_right(const FirmwareHeader& header) {
    const auto name = header.board_name();
    const auto padding = std::string_view(header.board.data(), header.board.size());
    bool right = is_board_name(name) && header.version != 0 && header.security_version != 0 &&
                 !header.variants.empty() &&
                 padding.find_first_not_of('\0', name.size()) == std::string_view::npos;
    std::uint64_t free_from = 0;
    for (const auto& variant : header.variants) {
        // A gap is allowed, an overlap is not: two slots cannot share flash.
        right = right && variant.size != 0 && variant.size <= firmware_body_size_max &&
                variant.load_address >= free_from;
        free_from = std::uint64_t{variant.load_address} + variant.size;
        right = right && free_from <= std::uint64_t{1} << 32;
    }
    return right;
}

Result<FirmwareVariant> read_variant(ByteReader& reader) {
    FirmwareVariant variant;
    TRY_ASSIGN(variant.load_address, reader.u32());
    TRY_ASSIGN(variant.size, reader.u32());
    TRY_ASSIGN(auto hash, reader.take(variant.hash.size()));
    std::ranges::copy(hash, variant.hash.begin());
    return variant;
}

Result<FirmwareHeader> read_header(ByteReader& reader) {
    FirmwareHeader header;
    TRY_ASSIGN(auto start, reader.take(magic.size()));
    TRY_ASSIGN(auto number, reader.u16());
    TRY_ASSIGN(auto board, reader.take(header.board.size()));
    std::ranges::copy(text_of(board), header.board.begin());
    TRY_ASSIGN(header.version, reader.u32());
    TRY_ASSIGN(header.security_version, reader.u32());
    TRY_ASSIGN(auto count, reader.u32());
    if (text_of(start) != magic || number != format || count > firmware_variants_max) {
        return Status::image_malformed;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        TRY_ASSIGN(auto variant, read_variant(reader));
        CHECK(header.variants.push_back(variant));
    }
    if (!is_zero(reader.rest()) || !is_right(header)) {
        return Status::image_malformed;
    }
    return header;
}

}  // namespace

std::string_view FirmwareHeader::board_name() const {
    const std::string_view name(board.data(), board.size());
    return name.substr(0, std::min(name.find('\0'), name.size()));
}

const FirmwareVariant* FirmwareHeader::variant_for(std::uint32_t load_address) const {
    const auto* found = std::ranges::find(variants, load_address, &FirmwareVariant::load_address);
    return found == variants.end() ? nullptr : found;
}

bool set_board_name(FirmwareHeader& header, std::string_view name) {
    if (name.size() > header.board.size() || !is_board_name(name)) {
        return false;
    }
    header.board.fill('\0');
    std::ranges::copy(name, header.board.begin());
    return true;
}

Result<FirmwareHeader> decode_firmware_header(ByteView bytes) {
    if (bytes.size() != firmware_header_size) {
        return Status::image_malformed;
    }
    ByteReader reader(bytes);
    return read_header(reader);
}

Result<void> encode_firmware_header(const FirmwareHeader& header, MutableBytes bytes) {
    if (!is_right(header)) {
        return Status::image_malformed;
    }
    ByteWriter writer(bytes);
    writer.bytes(view_of(magic));
    writer.u16(format);
    writer.bytes(view_of({header.board.data(), header.board.size()}));
    writer.u32(header.version);
    writer.u32(header.security_version);
    writer.u32(static_cast<std::uint32_t>(header.variants.size()));
    for (const auto& variant : header.variants) {
        writer.u32(variant.load_address);
        writer.u32(variant.size);
        writer.bytes(variant.hash);
    }
    const std::array<Byte, reserved_size + variant_size> zeros{};
    CHECK(writer.ok() && bytes.size() == firmware_header_size);
    writer.bytes(ByteView(zeros).first(firmware_header_size - writer.size()));
    CHECK(writer.ok());
    return {};
}

}  // namespace hsm::protocol
