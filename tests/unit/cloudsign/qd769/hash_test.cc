#include "cloudsign/qd769/hash.h"

#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"

namespace cloudsign::qd769 {
namespace {

TEST(Qd769Hash, IsHexadecimalOrBase64) {
    for (const std::size_t size : {32U, 48U, 64U}) {
        Bytes hash(size);
        for (std::size_t i = 0; i < size; ++i) {
            hash[i] = static_cast<hsm::Byte>(7 * i + size);
        }
        EXPECT_EQ(read_hash(hex(hash)), hash);
        EXPECT_EQ(read_hash(base64(hash)), hash);
    }
}

TEST(Qd769Hash, OfSixtyFourDigitsIsThirtyTwoBytesThoughItIsBase64OfFortyEight) {
    const std::string digits(64, 'a');
    EXPECT_EQ(read_hash(digits), Bytes(32, 0xaa));
}

TEST(Qd769Hash, OfAnotherLengthIsNone) {
    for (const std::size_t size : {0U, 1U, 20U, 31U, 33U, 63U, 65U}) {
        const Bytes hash(size, 0x5a);
        EXPECT_FALSE(read_hash(hex(hash))) << size;
        EXPECT_FALSE(read_hash(base64(hash))) << size;
    }
}

TEST(Qd769Hash, IsNothingElse) {
    const Bytes hash(32, 0xff);
    auto unpadded = base64(hash);
    unpadded.pop_back();
    for (const auto& text : {unpadded,
                             base64url(hash),
                             hex(hash) + "\n",
                             " " + hex(hash),
                             "0x" + hex(hash),
                             hex(hash).substr(1)}) {
        EXPECT_FALSE(read_hash(text)) << text;
    }
}

}  // namespace
}  // namespace cloudsign::qd769
