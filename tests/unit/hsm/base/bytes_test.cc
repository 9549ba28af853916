#include "hsm/base/bytes.h"

#include <memory>

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

TEST(BoundedBytes, KeepsWhatItHadWhenAnAssignmentDoesNotFit) {
    BoundedBytes<4> bytes;
    ASSERT_TRUE(bytes.assign(view_of("abc")));

    EXPECT_FALSE(bytes.assign(view_of("defgh")));

    EXPECT_EQ(text_of(bytes), "abc");
    EXPECT_TRUE(bytes.assign(view_of("defg")));
    EXPECT_EQ(text_of(bytes), "defg");
}

TEST(BoundedBytes, GrowsByWhatALibraryWroteIntoItsSpareRoom) {
    BoundedBytes<4> bytes;
    ASSERT_TRUE(bytes.assign(view_of("a")));
    ASSERT_EQ(bytes.spare().size(), 3u);

    bytes.spare()[0] = 'b';
    bytes.grow(1);

    EXPECT_EQ(text_of(bytes), "ab");
    EXPECT_DEATH(bytes.grow(3), "broken invariant");
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

TEST(ByteReader, ReadsNothingWhenTooLittleIsLeft) {
    const std::array<Byte, 3> encoded = {1, 2, 3};
    ByteReader reader(encoded);

    EXPECT_EQ(reader.u32().error(), Status::malformed);
    EXPECT_EQ(reader.take(SIZE_MAX).error(), Status::malformed);
    EXPECT_EQ(reader.remaining(), 3u);
    EXPECT_EQ(reader.take(3)->size(), 3u);
    EXPECT_TRUE(reader.take(0));
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
    std::array<Byte, 15> buffer{};
    ByteWriter writer(buffer);
    writer.u8(0x01);
    writer.u16(0x0203);
    writer.u32(0x04050607);
    writer.u64(0x08090a0b0c0d0e0f);

    ASSERT_TRUE(writer.ok());
    for (std::size_t i = 0; i < buffer.size(); ++i) {
        EXPECT_EQ(writer.written()[i], i + 1);
    }
    ByteReader reader(writer.written());
    EXPECT_EQ(*reader.u8(), 0x01);
    EXPECT_EQ(*reader.u16(), 0x0203);
    EXPECT_EQ(*reader.u32(), 0x04050607u);
    EXPECT_EQ(*reader.u64(), 0x08090a0b0c0d0e0fu);
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

TEST(Secret, IsWipedWhenItIsClearedOrRefusesTooMuch) {
    Secret<8> secret;
    ASSERT_TRUE(secret.assign(view_of("password")));

    EXPECT_FALSE(secret.assign(view_of("passwords")));

    EXPECT_EQ(secret.size(), 0u);
    EXPECT_TRUE(std::ranges::all_of(secret.storage(), [](Byte byte) { return byte == 0; }));
}

TEST(Secret, IsWipedWhenItIsDestroyed) {
    alignas(Secret<8>) std::array<Byte, sizeof(Secret<8>)> place{};
    auto* secret = new (place.data()) Secret<8>();
    ASSERT_TRUE(secret->assign(view_of("password")));
    const auto holds_password = [&] {
        const auto password = view_of("password");
        return std::search(place.begin(), place.end(), password.begin(), password.end()) !=
               place.end();
    };
    ASSERT_TRUE(holds_password());

    std::destroy_at(secret);

    EXPECT_FALSE(holds_password());
}

TEST(Secret, CannotBeCopied) {
    static_assert(!std::is_copy_constructible_v<Secret<8>>);
    static_assert(!std::is_copy_assignable_v<Secret<8>>);
}

TEST(EqualConstantTime, ComparesContentAndLength) {
    EXPECT_TRUE(equal_constant_time(view_of("same"), view_of("same")));
    EXPECT_FALSE(equal_constant_time(view_of("same"), view_of("sama")));
    EXPECT_FALSE(equal_constant_time(view_of("same"), view_of("sam")));
}

}  // namespace
}  // namespace hsm
