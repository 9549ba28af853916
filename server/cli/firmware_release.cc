#include "server/cli/firmware_release.h"

#include <iomanip>
#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "server/cli/files.h"

namespace server::cli {
namespace {

namespace json = boost::json;
namespace wire = hsm::protocol;
using hsm::cli::FirmwarePackage;

constexpr std::size_t package_size_max =
    wire::firmware_head_size + wire::firmware_variants_max * wire::firmware_body_size_max;

json::object described(const FirmwarePackage& package) {
    json::array images;
    for (const auto& variant : package.header.variants) {
        images.push_back({{"load_address", variant.load_address},
                          {"size", variant.size},
                          {"sha256", cloudsign::hex(variant.hash)}});
    }
    return {{"board", package.header.board_name()},
            {"version", hsm::cli::firmware_version_text(package.header.version)},
            {"security_version", package.header.security_version},
            {"firmware_hash", cloudsign::hex(package.firmware_hash())},
            {"images", images}};
}

}  // namespace

Outcome<FirmwarePackage> read_package(const std::string& file) {
    TRY_ASSIGN(const auto content, read_file(file, package_size_max));
    auto package = hsm::cli::decode_package(hsm::view_of(content));
    if (!package) {
        return Failure{file + " is no package: " + package.error()};
    }
    return *std::move(package);
}

void show(const FirmwarePackage& package, Form form) {
    if (form == Form::json) {
        std::cout << json::serialize(described(package)) << "\n";
        return;
    }
    std::cout << "board             " << package.header.board_name() << "\n"
              << "version           " << hsm::cli::firmware_version_text(package.header.version)
              << "\n"
              << "security version  " << package.header.security_version << "\n"
              << "firmware hash     " << cloudsign::hex(package.firmware_hash()) << "\n";
    for (const auto& variant : package.header.variants) {
        std::cout << "image             0x" << std::hex << std::setw(8) << std::setfill('0')
                  << variant.load_address << std::dec << ", " << variant.size << " bytes, SHA-256 "
                  << cloudsign::hex(variant.hash) << "\n";
    }
}

}  // namespace server::cli
