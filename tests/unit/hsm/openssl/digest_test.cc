#include "hsm/openssl/digest.h"

#include <string>

#include <gtest/gtest.h>

namespace hsm::openssl {
namespace {

using protocol::DigestAlgorithm;

std::string hex(ByteView bytes) {
    std::string text;
    for (const auto byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

// FIPS 180-4's example "abc".
TEST(Digest, KeepsTheExamplesOfTheStandard) {
    const auto abc = view_of("abc");
    const ByteView parts[] = {abc.first(1), {}, abc.subspan(1)};
    const auto* const sha256_of_abc =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    EXPECT_EQ(hex(sha256(abc)), sha256_of_abc);
    EXPECT_EQ(hex(sha256("abc")), sha256_of_abc);
    EXPECT_EQ(hex(sha256(parts)), sha256_of_abc);
    EXPECT_EQ(hex(digest_of(abc, DigestAlgorithm::sha256)), sha256_of_abc);
    EXPECT_EQ(hex(digest_of(abc, DigestAlgorithm::sha384)),
              "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
              "8086072ba1e7cc2358baeca134c825a7");
    EXPECT_EQ(hex(digest_of(abc, DigestAlgorithm::sha512)),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

}  // namespace
}  // namespace hsm::openssl
