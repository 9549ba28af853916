#include "hsm/base/bytes.h"

#include <gtest/gtest.h>

#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"
#include "hsm/base/secret.h"

namespace hsm {
namespace {

TEST(BoundedBytes, RefusesWhatDoesNotFitAndKeepsWhatItHad) {
    BoundedBytes<4> bytes;
    ASSERT_TRUE(bytes.append(view_of("abc")));

    EXPECT_FALSE(bytes.append(view_of("de")));

    EXPECT_EQ(text_of(bytes), "abc");
}

TEST(ByteReader, ReadsBigEndianAndStopsAtTheEnd) {
    const std::array<Byte, 7> encoded = {1, 2, 3, 4, 5, 6, 7};
    ByteReader reader(encoded);

    EXPECT_EQ(*reader.u16(), 0x0102);
    EXPECT_EQ(*reader.u32(), 0x03040506u);
    EXPECT_EQ(reader.u16().error(), Status::malformed);
    EXPECT_EQ(*reader.u8(), 7);
    EXPECT_TRUE(reader.at_end());
}

TEST(ByteWriter, StaysBrokenAfterTheFirstOverflow) {
    std::array<Byte, 3> buffer{};
    ByteWriter writer(buffer);
    writer.u16(0xabcd);
    writer.u16(0x1234);
    writer.u8(1);

    EXPECT_FALSE(writer.ok());
    EXPECT_EQ(writer.size(), 2u);
}

TEST(Secret, IsWipedWhereItWasMovedFrom) {
    Secret<8> from;
    ASSERT_TRUE(from.assign(view_of("password")));

    Secret<8> to = std::move(from);

    EXPECT_EQ(text_of(to.reveal()), "password");
    // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): what is tested
    EXPECT_TRUE(std::ranges::all_of(from.storage(), [](Byte byte) { return byte == 0; }));
}

TEST(EqualConstantTime, ComparesContentAndLength) {
    EXPECT_TRUE(equal_constant_time(view_of("same"), view_of("same")));
    EXPECT_FALSE(equal_constant_time(view_of("same"), view_of("sama")));
    EXPECT_FALSE(equal_constant_time(view_of("same"), view_of("sam")));
}

}  // namespace
}  // namespace hsm
