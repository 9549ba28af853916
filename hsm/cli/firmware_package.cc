#include "hsm/cli/firmware_package.h"

#include <charconv>

#include "hsm/openssl/digest.h"
#include "hsm/openssl/es256_raw.h"

namespace hsm::cli {
namespace {

ByteView header_bytes(const FirmwarePackage& package) {
    return ByteView(package.head).first(protocol::firmware_header_size);
}

}  // namespace

Digest FirmwarePackage::firmware_hash() const {
    return openssl::sha256(header_bytes(*this));
}

PackageOutcome make_package(const FirmwareRelease& release, std::vector<ElfImage> images) {
    FirmwarePackage package;
    if (!set_board_name(package.header, release.board)) {
        return "\"" + release.board + "\" is no name of a board";
    }
    package.header.version = release.version;
    package.header.security_version = release.security_version;
    std::ranges::sort(images, {}, &ElfImage::load_address);
    for (auto& image : images) {
        const protocol::FirmwareVariant variant{image.load_address,
                                                static_cast<std::uint32_t>(image.bytes.size()),
                                                openssl::sha256(ByteView(image.bytes))};
        if (!package.header.variants.push_back(variant)) {
            return std::string("a release has one image or two");
        }
        package.images.push_back(std::move(image.bytes));
    }
    const auto into = MutableBytes(package.head).first(protocol::firmware_header_size);
    if (!protocol::encode_firmware_header(package.header, into)) {
        return std::string(
            "the versions have to be above 0, and the images to lie apart from each other");
    }
    return package;
}

void sign_package(FirmwarePackage& package, EVP_PKEY* maker) {
    const auto signature = openssl::sign_es256_raw(maker, header_bytes(package));
    std::ranges::copy(signature, package.head.begin() + protocol::firmware_header_size);
}

Bytes encode_package(const FirmwarePackage& package) {
    Bytes bytes(package.head.begin(), package.head.end());
    for (const auto& image : package.images) {
        bytes.insert(bytes.end(), image.begin(), image.end());
    }
    return bytes;
}

PackageOutcome decode_package(ByteView bytes) {
    FirmwarePackage package;
    if (bytes.size() < package.head.size()) {
        return std::string("it is shorter than a header");
    }
    std::ranges::copy(bytes.first(package.head.size()), package.head.begin());
    const auto header = protocol::decode_firmware_header(header_bytes(package));
    if (!header) {
        return std::string("it does not begin with the header of a release");
    }
    package.header = *header;
    auto rest = bytes.subspan(package.head.size());
    for (const auto& variant : package.header.variants) {
        if (rest.size() < variant.size) {
            return std::string("it ends within an image");
        }
        const auto image = rest.first(variant.size);
        if (openssl::sha256(image) != variant.hash) {
            return std::string("an image is not the one that the header names");
        }
        package.images.emplace_back(image.begin(), image.end());
        rest = rest.subspan(variant.size);
    }
    if (!rest.empty()) {
        return std::string("something follows the images");
    }
    return package;
}

bool is_signed_by(const FirmwarePackage& package, const protocol::Point& maker) {
    openssl::RawSignature signature{};
    std::ranges::copy(ByteView(package.head).last(signature.size()), signature.begin());
    return openssl::verify_es256_raw(maker, header_bytes(package), signature);
}

std::optional<std::uint32_t> parse_firmware_version(std::string_view text) {
    constexpr std::uint32_t limits[] = {0xff, 0xff, 0xffff};
    constexpr unsigned shifts[] = {24, 16, 0};
    std::uint32_t version = 0;
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    for (std::size_t i = 0; i < std::size(limits); ++i) {
        if (at == end) {
            return std::nullopt;
        }
        std::uint32_t number = 0;
        const auto parsed = std::from_chars(at, end, number);
        const bool padded = *at == '0' && parsed.ptr - at > 1;
        if (parsed.ec != std::errc() || padded || number > limits[i]) {
            return std::nullopt;
        }
        version |= number << shifts[i];
        at = parsed.ptr;
        if (i + 1 < std::size(limits)) {
            if (at == end || *at != '.') {
                return std::nullopt;
            }
            ++at;
        }
    }
    return at == end && version != 0 ? std::optional(version) : std::nullopt;
}

std::string firmware_version_text(std::uint32_t version) {
    return std::to_string(version >> 24) + "." + std::to_string(version >> 16 & 0xff) + "." +
           std::to_string(version & 0xffff);
}

}  // namespace hsm::cli
