#include "firmware/engine/digest.h"

#include <string>

#include <gtest/gtest.h>

#include "firmware/engine/psa/initialize.h"

namespace {

using hsm::view_of;

std::string hex(hsm::ByteView bytes) {
    std::string text;
    for (auto byte : bytes) {
        constexpr char digits[] = "0123456789abcdef";
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

TEST(Sha256, AgreesWithFips180AcrossParts) {
    const std::array<hsm::ByteView, 3> parts = {view_of("a"), view_of(""), view_of("bc")};

    EXPECT_EQ(hex(firmware::engine::sha256(parts)),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(firmware::engine::sha256({})),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(HmacKey, AgreesWithRfc4231CaseTwoHoweverOftenItIsUsed) {
    ASSERT_TRUE(firmware::engine::psa::initialize());
    const std::array<hsm::ByteView, 2> parts = {view_of("what do ya want "),
                                                view_of("for nothing?")};

    const auto key = firmware::engine::HmacKey::import(view_of("Jefe"));

    ASSERT_TRUE(key.has_value());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(hex(key->mac(parts)),
                  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}

}  // namespace
