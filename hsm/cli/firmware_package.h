#pragma once

#include <optional>

#include "hsm/cli/elf_image.h"
#include "hsm/openssl/p256.h"
#include "hsm/protocol/firmware_image.h"

// A release of the firmware as the maker gives it out: firmware/boot/FORMAT.md "Package".
namespace hsm::cli {

struct FirmwarePackage {
    protocol::FirmwareHead head{};
    protocol::FirmwareHeader header;
    std::vector<Bytes> images;  // in the order of the header's variants

    // SHA-256 of the header: what attestations, receipts and approvals name.
    Digest firmware_hash() const;
};

struct FirmwareRelease {
    std::string board;
    std::uint32_t version = 0;
    std::uint32_t security_version = 0;
};

using PackageOutcome = Result<FirmwarePackage, std::string>;

// Without a signature: what whoever builds the release again compares with.
PackageOutcome make_package(const FirmwareRelease& release, std::vector<ElfImage> images);
void sign_package(FirmwarePackage& package, EVP_PKEY* maker);

Bytes encode_package(const FirmwarePackage& package);

// Whole, and its images are those that the header names; says nothing of the signature.
PackageOutcome decode_package(ByteView bytes);

bool is_signed_by(const FirmwarePackage& package, const protocol::Point& maker);

// "major.minor.patch", each number without leading zeros; nothing for any other text, and for
// 0.0.0.
std::optional<std::uint32_t> parse_firmware_version(std::string_view text);
std::string firmware_version_text(std::uint32_t version);

}  // namespace hsm::cli
