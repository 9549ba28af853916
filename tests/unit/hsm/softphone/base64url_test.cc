#include "hsm/softphone/base64url.h"

#include <gtest/gtest.h>

namespace hsm::softphone {
namespace {

TEST(Base64url, WritesTheExamplesOfTheStandardWithoutPadding) {
    EXPECT_EQ(base64url(view_of("")), "");
    EXPECT_EQ(base64url(view_of("f")), "Zg");
    EXPECT_EQ(base64url(view_of("fo")), "Zm8");
    EXPECT_EQ(base64url(view_of("foo")), "Zm9v");
    EXPECT_EQ(base64url(view_of("foobar")), "Zm9vYmFy");
    EXPECT_EQ(base64url(Bytes{0xfb, 0xff}), "-_8");
}

TEST(Base64url, ReadsBackEveryLength) {
    Bytes bytes;
    for (unsigned i = 0; i < 300; ++i) {
        const auto back = from_base64url(base64url(bytes));

        ASSERT_TRUE(back.has_value());
        EXPECT_EQ(*back, bytes);
        bytes.push_back(static_cast<Byte>(i * 37));
    }
}

TEST(Base64url, RefusesEverySecondSpelling) {
    for (const char* text :
         {"Z", "Zg==", "Zh", "Zm9=", "Zm+v", "Zm/v", "Zm9v\n", " Zm9v", "Zm9vZ"}) {
        EXPECT_FALSE(from_base64url(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace hsm::softphone
