#include "hsm/protocol/firmware_image.h"

#include <gtest/gtest.h>

#include "hsm/base/hex.h"
#include "tests/unit/hsm/protocol/vector_file.h"

namespace hsm::protocol {
namespace {

using HeaderBytes = std::array<Byte, firmware_header_size>;

FirmwareHeader example() {
    FirmwareHeader header;
    CHECK(set_board_name(header, "stm32f405"));
    header.version = 0x0102'0003;
    header.security_version = 4;
    FirmwareVariant variant{0x0802'0400, 100'000, {}};
    variant.hash.fill(0xaa);
    CHECK(header.variants.push_back(variant));
    variant = {0x0806'0400, 100'004, {}};
    variant.hash.fill(0xbb);
    CHECK(header.variants.push_back(variant));
    return header;
}

HeaderBytes encoded(const FirmwareHeader& header) {
    HeaderBytes bytes{};
    CHECK(encode_firmware_header(header, bytes).has_value());
    return bytes;
}

Status status_of(ByteView bytes) {
    const auto decoded = decode_firmware_header(bytes);
    return decoded ? Status::ok : decoded.error();
}

// The first hex block of FORMAT.md.
testing::Bytes documented() {
    const auto text = testing::source_file("firmware/boot/FORMAT.md");
    const auto start = text.find("```hex\n");
    CHECK(start != std::string::npos);
    testing::Bytes bytes;
    int high = -1;
    for (auto i = start + 7; text[i] != '`'; ++i) {
        const int digit = hex_value(text[i]);
        if (digit < 0) {
            continue;
        }
        if (high >= 0) {
            bytes.push_back(static_cast<Byte>(high << 4 | digit));
        }
        high = high >= 0 ? -1 : digit;
    }
    return bytes;
}

TEST(FirmwareHeader, IsAsTheDocumentHasIt) {
    const auto bytes = encoded(example());

    EXPECT_EQ(documented(), testing::Bytes(bytes.begin(), bytes.end()));
}

TEST(FirmwareHeader, ComesBackAsItWas) {
    const auto decoded = decode_firmware_header(encoded(example()));

    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->board_name(), "stm32f405");
    EXPECT_EQ(decoded->version, 0x0102'0003u);
    EXPECT_EQ(decoded->security_version, 4u);
    ASSERT_EQ(decoded->variants.size(), 2u);
    EXPECT_EQ(decoded->variants[1].size, 100'004u);
    EXPECT_EQ(encoded(*decoded), encoded(example()));
}

TEST(FirmwareHeader, FindsTheVariantOfAnAddress) {
    const auto header = example();

    ASSERT_NE(header.variant_for(0x0806'0400), nullptr);
    EXPECT_EQ(header.variant_for(0x0806'0400)->size, 100'004u);
    EXPECT_EQ(header.variant_for(0x0804'0000), nullptr);
    EXPECT_EQ(header.variant_for(0), nullptr);
}

TEST(FirmwareHeader, IsRefusedAtEveryOtherLength) {
    const auto bytes = encoded(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(status_of(ByteView(bytes).first(size)), Status::image_malformed) << size;
    }
    testing::Bytes longer(bytes.begin(), bytes.end());
    longer.push_back(0);
    EXPECT_EQ(status_of(longer), Status::image_malformed);
}

// Whatever the decoder takes is the one encoding of what it says: no two headers mean the same.
TEST(FirmwareHeader, HasOneEncoding) {
    const auto bytes = encoded(example());
    int refused = 0;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto changed = bytes;
        changed[bit / 8] ^= static_cast<Byte>(1u << bit % 8);
        const auto decoded = decode_firmware_header(changed);
        if (decoded) {
            EXPECT_EQ(encoded(*decoded), changed) << bit;
        } else {
            EXPECT_EQ(decoded.error(), Status::image_malformed);
            ++refused;
        }
    }
    EXPECT_GT(refused, 8 * 20);
}

struct Wrong {
    const char* name;
    std::size_t at;
    std::vector<Byte> bytes;
};

TEST(FirmwareHeader, RefusesWhatMeansNothing) {
    const Wrong cases[] = {
        {"another magic", 0, {'K'}},
        {"another format", 6, {0, 2}},
        {"no board", 8, std::vector<Byte>(16, 0)},
        {"a board in capitals", 8, {'S'}},
        {"something after the board's zero", 8 + 15, {'x'}},
        {"version 0", 24, {0, 0, 0, 0}},
        {"security version 0", 28, {0, 0, 0, 0}},
        {"no variant", 32, {0, 0, 0, 0}},
        {"a variant that is not counted", 32, {0, 0, 0, 1}},
        {"three variants", 32, {0, 0, 0, 3}},
        {"an empty image", 36 + 4, {0, 0, 0, 0}},
        {"an image over the limit", 36 + 4, {0, 16, 0, 1}},
        {"descending addresses", 36, {0x09}},
        {"the same address twice", 36 + 40, {0x08, 0x02, 0x04, 0x00}},
        {"images that overlap", 36 + 40, {0x08, 0x02, 0x04, 0x01}},
        {"an image beyond the last address", 36 + 40, {0xff, 0xff, 0xff, 0xff}},
        {"reserved bytes used", 127, {1}},
    };
    for (const auto& wrong : cases) {
        auto bytes = encoded(example());
        std::ranges::copy(wrong.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(wrong.at));

        EXPECT_EQ(status_of(bytes), Status::image_malformed) << wrong.name;
    }
}

TEST(FirmwareHeader, IsNotEncodedWhenItMeansNothing) {
    HeaderBytes bytes{};
    EXPECT_FALSE(encode_firmware_header(FirmwareHeader{}, bytes).has_value());
    FirmwareHeader header;
    EXPECT_FALSE(set_board_name(header, "a name with more than sixteen letters"));
    EXPECT_FALSE(set_board_name(header, "board 1"));
    EXPECT_FALSE(set_board_name(header, ""));
}

}  // namespace
}  // namespace hsm::protocol
