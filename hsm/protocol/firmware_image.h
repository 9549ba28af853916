#pragma once

#include "hsm/protocol/types.h"

// What a firmware release is: firmware/boot/FORMAT.md. The maker's tool writes it, the module and
// its loader read it. All numbers are big-endian.
namespace hsm::protocol {

constexpr std::size_t firmware_header_size = 128;
constexpr std::size_t firmware_signature_size = 64;  // ECDSA P-256: r ‖ s
// The header and the maker's signature over it: what stands in a slot before the image.
constexpr std::size_t firmware_head_size = firmware_header_size + firmware_signature_size;
// Where the image begins in a slot: Armv7-M wants a vector table of up to 128 words at a multiple
// of 512 bytes.
constexpr std::size_t firmware_body_offset = 1024;
constexpr std::size_t firmware_board_size = 16;
constexpr std::size_t firmware_variants_max = 2;
constexpr std::uint32_t firmware_body_size_max = 1u << 20;

using FirmwareHead = std::array<Byte, firmware_head_size>;

// The same release, linked for one address. The image begins with its vector table: initial stack
// pointer and reset handler are in there.
struct FirmwareVariant {
    std::uint32_t load_address = 0;
    std::uint32_t size = 0;  // bytes
    Digest hash{};           // SHA-256 of the image
};

struct FirmwareHeader {
    std::array<char, firmware_board_size> board{};  // zeros after the name
    std::uint32_t version = 0;                      // major (8 bits), minor (8), patch (16)
    std::uint32_t security_version = 0;             // from 1 on; a module's never falls
    BoundedList<FirmwareVariant, firmware_variants_max> variants;  // addresses ascend

    std::string_view board_name() const;
    // nullptr when the release is not linked for `load_address`.
    const FirmwareVariant* variant_for(std::uint32_t load_address) const;
};

// `image_malformed` for every byte that a header of this format cannot have.
Result<FirmwareHeader> decode_firmware_header(ByteView bytes);

// `image_malformed` for a header that the decoder would refuse; `bytes` has firmware_header_size.
Result<void> encode_firmware_header(const FirmwareHeader& header, MutableBytes bytes);

// Letters, digits and '_', 1 to firmware_board_size of them.
bool set_board_name(FirmwareHeader& header, std::string_view name);

}  // namespace hsm::protocol
