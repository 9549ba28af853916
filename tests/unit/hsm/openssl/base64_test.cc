#include "hsm/openssl/base64.h"

#include <gtest/gtest.h>

namespace hsm::openssl {
namespace {

std::string standard(std::string_view text) {
    return base64(view_of(text));
}

std::optional<std::string> read(std::string_view text) {
    const auto bytes = from_base64(text);
    return bytes ? std::optional<std::string>(text_of(*bytes)) : std::nullopt;
}

TEST(Base64, KeepsTheVectorsOfRfc4648) {
    const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(standard(plain), encoded);
        EXPECT_EQ(read(encoded), plain);
    }
}

TEST(Base64, RefusesEverySecondSpelling) {
    for (const auto* text : {"Zg",    "Zg=",  "Zg===",    "Zg==\n", " Zg==", "Zm 9v",    "Zh==",
                             "Zm9=",  "Z===", "====",     "=",      "A===",  "Zg==Zg==", "Zm9v====",
                             "Zm8==", "Z=g=", "Zm9v\r\n", "-_8=",   "Zm9v=", "Zm9vYg=a"}) {
        EXPECT_FALSE(from_base64(text).has_value()) << text;
    }
    EXPECT_FALSE(from_base64(std::string_view("Zg\0=", 4)).has_value());
}

TEST(Base64Url, UsesItsAlphabetWithoutPadding) {
    const Byte bytes[] = {0xfb, 0xff, 0xfe};
    const std::string encoded = base64url(bytes);

    EXPECT_EQ(encoded, "-__-");
    EXPECT_EQ(from_base64url(encoded), Bytes(std::begin(bytes), std::end(bytes)));
    EXPECT_EQ(base64(bytes), "+//+");
    for (const auto* text :
         {"+//+", "Zm+v", "Zm/v", "Zg==", "Zh", "Zm9", "Z", "Zm9vY", " Zg", "Zg\n", "Zg="}) {
        EXPECT_FALSE(from_base64url(text).has_value()) << text;
    }
}

TEST(Base64Url, DecodesIntoExactlyTheSizeAsked) {
    std::array<Byte, 32> bytes;

    EXPECT_TRUE(from_base64url_into(base64url(Bytes(32, 7)), bytes));
    EXPECT_FALSE(from_base64url_into(base64url(Bytes(31, 7)), bytes));
    EXPECT_FALSE(from_base64url_into(base64url(Bytes(33, 7)), bytes));
}

TEST(Base64, ReadsBackWhatItWroteAtEveryLength) {
    Bytes bytes;
    for (unsigned size = 0; size < 300; ++size) {
        EXPECT_EQ(from_base64(base64(bytes)), bytes);
        EXPECT_EQ(from_base64url(base64url(bytes)), bytes);

        bytes.push_back(static_cast<Byte>(size * 37));
    }
}

}  // namespace
}  // namespace hsm::openssl
