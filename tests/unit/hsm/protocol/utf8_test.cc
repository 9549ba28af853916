#include "hsm/protocol/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace hsm::protocol {
namespace {

std::string encode(unsigned long point) {
    if (point < 0x80) {
        return {static_cast<char>(point)};
    }
    if (point < 0x800) {
        return {static_cast<char>(0xc0 | point >> 6), static_cast<char>(0x80 | (point & 0x3f))};
    }
    if (point < 0x10000) {
        return {static_cast<char>(0xe0 | point >> 12),
                static_cast<char>(0x80 | (point >> 6 & 0x3f)),
                static_cast<char>(0x80 | (point & 0x3f))};
    }
    return {static_cast<char>(0xf0 | point >> 18),
            static_cast<char>(0x80 | (point >> 12 & 0x3f)),
            static_cast<char>(0x80 | (point >> 6 & 0x3f)),
            static_cast<char>(0x80 | (point & 0x3f))};
}

TEST(Utf8, TakesEveryCodePointButSurrogates) {
    for (unsigned long point = 0; point < 0x120000; ++point) {
        const bool valid = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
        const auto text = encode(point);
        ASSERT_EQ(is_utf8(text), valid) << std::hex << point;
        ASSERT_EQ(is_utf8("a" + text + "b"), valid) << std::hex << point;
        if (text.size() > 1) {
            ASSERT_FALSE(is_utf8(text.substr(0, text.size() - 1))) << std::hex << point;
            ASSERT_FALSE(is_utf8(text.substr(1))) << std::hex << point;
        }
    }
}

TEST(Utf8, RefusesLongerFormsThanNeeded) {
    EXPECT_FALSE(is_utf8("\xc0\x80"));
    EXPECT_FALSE(is_utf8("\xc1\xbf"));
    EXPECT_FALSE(is_utf8("\xe0\x9f\xbf"));
    EXPECT_FALSE(is_utf8("\xf0\x8f\xbf\xbf"));
}

TEST(Utf8, RefusesBytesThatNeverOccur) {
    for (int byte = 0x80; byte < 0x100; ++byte) {
        EXPECT_FALSE(is_utf8(std::string(1, static_cast<char>(byte)))) << byte;
    }
    EXPECT_FALSE(is_utf8("\xf8\x88\x80\x80\x80"));
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, TakesOneCharacterAtATime) {
    std::string_view text = "ữ😀a\xff";
    EXPECT_EQ(take_character(text), 0x1eefu);
    EXPECT_EQ(take_character(text), 0x1f600u);
    EXPECT_EQ(take_character(text), 0x61u);
    EXPECT_EQ(take_character(text), std::nullopt);
    EXPECT_EQ(text, "\xff");
}

TEST(Utf8, IsLegibleWhenEveryCharacterIsSeen) {
    for (const char* const text : {"", "Nguyễn Thị Thủy", "Trần\u0323 B", "病院 ١٢", "Ω–’ 😀"}) {
        EXPECT_TRUE(is_legible(text)) << text;
    }
    for (const unsigned long character :
         {0x00,   0x0a,   0x1b,   0x7f,   0x85,   0xad,   0x61c,  0x115f,
          0x180e, 0x200b, 0x200d, 0x200f, 0x2028, 0x202e, 0x2060, 0x2066,
          0x2069, 0x2800, 0x3164, 0xfeff, 0xffa0, 0xe0041}) {
        EXPECT_FALSE(is_legible("a" + encode(character) + "b")) << std::hex << character;
    }
    EXPECT_FALSE(is_legible("\xff"));
}

TEST(Utf8, IsBlankWhenThereAreOnlySpaces) {
    for (const char* const text : {"", " ", "\u00a0", "\u2003\u3000", "\u202f \u205f\u1680"}) {
        EXPECT_TRUE(is_blank(text));
    }
    EXPECT_FALSE(is_blank(" a"));
    EXPECT_FALSE(is_blank("\xff"));
}

}  // namespace
}  // namespace hsm::protocol
