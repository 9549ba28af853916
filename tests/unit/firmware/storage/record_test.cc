#include "firmware/storage/record.h"

#include <gtest/gtest.h>

#include "firmware/storage/crc32c.h"

namespace firmware::storage {
namespace {

// RFC 3720 appendix B.4.
TEST(Crc32c, GivesTheExamplesOfRfc3720) {
    std::array<Byte, 32> zeros{};
    std::array<Byte, 32> ones{};
    std::array<Byte, 32> ascending{};
    ones.fill(0xff);
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        ascending[i] = static_cast<Byte>(i);
    }

    EXPECT_EQ(crc32c(0, zeros), 0x8a9136aau);
    EXPECT_EQ(crc32c(0, ones), 0x62a8ab43u);
    EXPECT_EQ(crc32c(0, ascending), 0x46dd794eu);
    EXPECT_EQ(crc32c(crc32c(0, ByteView(ascending).first(7)), ByteView(ascending).subspan(7)),
              0x46dd794eu);
}

std::string hex(ByteView bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

SectorHeader example_header() {
    SectorHeader header;
    header.ring = RingId::log;
    header.geometry = {65536, 4096, 16};
    header.salt = 0x0102030405060708;
    header.sequence = 4242;
    header.tail = 17;
    header.first_index = 260001;
    header.previous_end = 65520;
    header.erase_count = 2;
    return header;
}

TEST(SectorHeader, IsReadBackAsWritten) {
    const auto header = example_header();

    const auto read = decode_sector_header(encode(header));

    ASSERT_TRUE(read);
    EXPECT_EQ(encode(*read), encode(header));
    EXPECT_EQ(read->previous_end, 65520u);
}

// The example of FORMAT.md.
TEST(SectorHeader, HasTheBytesOfTheSpecification) {
    EXPECT_EQ(hex(encode(example_header())),
              "4b594c5301020010000100000000100001020304050607080000000000001092"
              "0000000000000011000000000003f7a10000fff00000000200000000516ec41f");
}

TEST(RecordHeader, HasTheBytesOfTheSpecification) {
    RecordHeader header;
    header.length = 5;
    header.type = RecordType::log;
    header.number = 1;

    const auto seed = record_crc_seed(example_header().salt, example_header().sequence, 64);
    header.crc = crc32c(record_crc_header(seed, encode(header)), hsm::view_of("first"));

    EXPECT_EQ(hex(encode(header)), "112c639c000501000000000000000001");
}

TEST(SectorHeader, IsRefusedWithAnyBitFlipped) {
    const auto bytes = encode(example_header());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto flipped = bytes;
        flipped[bit / 8] ^= static_cast<Byte>(1 << (bit % 8));

        EXPECT_FALSE(decode_sector_header(flipped)) << bit;
    }
}

TEST(RecordHeader, IsRefusedWithATypeThatIsNone) {
    RecordHeader header;
    header.type = RecordType::note;
    auto bytes = encode(header);
    ASSERT_TRUE(decode_record_header(bytes));

    for (const int type : {0, 7, 255}) {
        bytes[6] = static_cast<Byte>(type);
        EXPECT_FALSE(decode_record_header(bytes)) << type;
    }
}

TEST(RecordHeader, BindsItsCrcToStoreSectorAndPlace) {
    const auto seed = record_crc_seed(1, 2, 3);

    EXPECT_NE(seed, record_crc_seed(2, 2, 3));
    EXPECT_NE(seed, record_crc_seed(1, 3, 3));
    EXPECT_NE(seed, record_crc_seed(1, 2, 4));
}

}  // namespace
}  // namespace firmware::storage
