#include "cloudsign/rssp/verification_code.h"

#include <gtest/gtest.h>

#include "cloudsign/sha256.h"

namespace cloudsign::rssp {
namespace {

Bytes hash_of(std::string_view text) {
    const auto digest = sha256(hsm::view_of(text));
    return {digest.begin(), digest.end()};
}

// Reckoned by a script of its own: hashlib, bytes xor.
TEST(VerificationCode, IsOfTheXorOfAllHashes) {
    EXPECT_EQ(verification_code({hash_of("a")}), "BF5D-F2D8");
    EXPECT_EQ(verification_code({hash_of("a"), hash_of("b")}), "AA19-4DC3");
    EXPECT_EQ(verification_code({hash_of("b"), hash_of("a")}), "AA19-4DC3");
    EXPECT_EQ(verification_code({hash_of("a"), hash_of("a")}), "6668-2925");
}

TEST(VerificationCode, IsOfHashesOfEveryLength) {
    EXPECT_EQ(verification_code({Bytes(32)}), "6668-2925");
    EXPECT_NE(verification_code({Bytes(48)}), verification_code({Bytes(64)}));
}

}  // namespace
}  // namespace cloudsign::rssp
