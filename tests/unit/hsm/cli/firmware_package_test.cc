#include "hsm/cli/firmware_package.h"

#include <gtest/gtest.h>

#include "tests/unit/hsm/cli/test_elf.h"

namespace hsm::cli {
namespace {

constexpr std::uint32_t first_address = 0x08020400;
constexpr std::uint32_t second_address = 0x08060400;

std::vector<ElfImage> two_images() {
    return {{second_address, testing::make_image(second_address, 100, 2)},
            {first_address, testing::make_image(first_address, 90, 1)}};
}
FirmwarePackage example() {
    auto package = make_package({"stm32f405", 0x01020003, 4}, two_images());
    CHECK(package.has_value());
    return *std::move(package);
}

TEST(FirmwarePackage, HasItsImagesInTheOrderOfTheirAddresses) {
    const auto package = example();

    ASSERT_EQ(package.images.size(), 2u);
    EXPECT_EQ(package.images[0].size(), 90u);
    EXPECT_EQ(package.header.variants[0].load_address, first_address);
    EXPECT_EQ(package.header.variants[1].size, 100u);
}

TEST(FirmwarePackage, ComesBackAsItWas) {
    auto package = example();
    const auto maker = openssl::make_p256_key();
    sign_package(package, maker.get());
    const auto read = decode_package(encode_package(package));

    ASSERT_TRUE(read.has_value()) << read.error();
    EXPECT_EQ(read->head, package.head);
    EXPECT_EQ(read->images, package.images);
    EXPECT_EQ(read->firmware_hash(), package.firmware_hash());
}

TEST(FirmwarePackage, IsSignedByItsMakerOnly) {
    auto package = example();
    const auto maker = openssl::make_p256_key();
    const auto point = *openssl::p256_point(maker.get());
    EXPECT_FALSE(is_signed_by(package, point));
    sign_package(package, maker.get());

    EXPECT_TRUE(is_signed_by(package, point));
    EXPECT_FALSE(is_signed_by(package, *openssl::p256_point(openssl::make_p256_key().get())));
    for (std::size_t bit = 0; bit < 8 * package.head.size(); bit += 5) {
        auto changed = package;
        changed.head[bit / 8] ^= static_cast<Byte>(1u << bit % 8);
        EXPECT_FALSE(is_signed_by(changed, point)) << bit;
    }
}

// The hash is of what is built: two makers, or a rebuild without any key, name the same one.
TEST(FirmwarePackage, HasAHashThatNoSignatureChanges) {
    auto package = example();
    const auto unsigned_hash = package.firmware_hash();
    sign_package(package, openssl::make_p256_key().get());

    EXPECT_EQ(package.firmware_hash(), unsigned_hash);
}

TEST(FirmwarePackage, IsRefusedWhenAnyByteOfItsImagesIsWrong) {
    const auto bytes = encode_package(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_package(ByteView(bytes).first(size)).has_value()) << size;
    }
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(decode_package(longer).has_value());
    for (std::size_t at = protocol::firmware_head_size; at < bytes.size(); ++at) {
        auto changed = bytes;
        changed[at] ^= 0x10;
        EXPECT_FALSE(decode_package(changed).has_value()) << at;
    }
}

TEST(FirmwarePackage, IsNotMadeOfWhatTheFormatCannotSay) {
    EXPECT_FALSE(make_package({"a board", 1, 1}, two_images()).has_value());
    EXPECT_FALSE(make_package({"board", 0, 1}, two_images()).has_value());
    EXPECT_FALSE(make_package({"board", 1, 0}, two_images()).has_value());
    EXPECT_FALSE(make_package({"board", 1, 1}, {}).has_value());
    auto three = two_images();
    three.push_back({0x0900'0000, testing::make_image(0x0900'0000, 80, 3)});
    EXPECT_FALSE(make_package({"board", 1, 1}, three).has_value());
    auto overlapping = two_images();
    overlapping[0].load_address = first_address + 50;
    EXPECT_FALSE(make_package({"board", 1, 1}, overlapping).has_value());
}

TEST(FirmwareVersion, IsWrittenAsThreeNumbers) {
    EXPECT_EQ(parse_firmware_version("1.2.3"), 0x01020003u);
    EXPECT_EQ(parse_firmware_version("255.255.65535"), 0xffffffffu);
    EXPECT_EQ(parse_firmware_version("0.0.1"), 1u);
    for (const auto* text : {"",
                             "1",
                             "1.2",
                             "1.2.",
                             "1.2.3.4",
                             "1.2.3 ",
                             " 1.2.3",
                             "01.2.3",
                             "256.0.0",
                             "0.256.0",
                             "0.0.65536",
                             "0.0.0",
                             "1.-2.3",
                             "1.2.x"}) {
        EXPECT_EQ(parse_firmware_version(text), std::nullopt) << text;
    }
    EXPECT_EQ(firmware_version_text(0x01020003), "1.2.3");
}

}  // namespace
}  // namespace hsm::cli
