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

}  // namespace
}  // namespace hsm::protocol
