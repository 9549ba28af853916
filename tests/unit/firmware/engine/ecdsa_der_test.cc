#include "firmware/engine/ecdsa_der.h"

#include <gtest/gtest.h>

#include "tests/unit/firmware/engine/openssl_check.h"
#include "tests/unit/firmware/engine/wycheproof.h"

namespace {

using firmware::engine::ecdsa_from_der;
using firmware::engine::ecdsa_to_der;
using hsm::protocol::KeyType;
using tests::engine::Bytes;
using tests::engine::from_hex;

const std::string p256_order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const std::string p256_order_less_one =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";

bool accepted(const std::string& hex) {
    return ecdsa_from_der(KeyType::p256, from_hex(hex)).has_value();
}

TEST(EcdsaDer, PadsEachHalfToTheFieldsLength) {
    const auto raw = ecdsa_from_der(KeyType::p256, from_hex("300702010102020080"));
    ASSERT_TRUE(raw);
    Bytes expected(64);
    expected[31] = 1;
    expected[63] = 0x80;

    EXPECT_TRUE(hsm::equal(*raw, expected));
    const auto der = ecdsa_to_der(KeyType::p256, *raw);
    ASSERT_TRUE(der);
    EXPECT_TRUE(hsm::equal(*der, from_hex("300702010102020080")));
}

TEST(EcdsaDer, RefusesWhatIsBerOnly) {
    ASSERT_TRUE(accepted("3006020101020101"));
    EXPECT_FALSE(accepted("308106020101020101"));    // long length
    EXPECT_FALSE(accepted("30820006020101020101"));  // longer
    EXPECT_FALSE(accepted("30800201010201010000"));  // indefinite
    EXPECT_FALSE(accepted("300702810101020101"));    // long length inside
    EXPECT_FALSE(accepted("30070202000102010100"));  // superfluous zero, and something after
    EXPECT_FALSE(accepted("300702020001020101"));    // superfluous zero
    EXPECT_FALSE(accepted("300702010102020001"));    // in s
    EXPECT_FALSE(accepted("300602010102010100"));    // a byte after
    EXPECT_FALSE(accepted("30080201010201010500"));  // an element after s
    EXPECT_FALSE(accepted("3003020101"));            // no s
    EXPECT_FALSE(accepted("30050200020101"));        // empty r
    EXPECT_FALSE(accepted("3106020101020101"));      // SET
    EXPECT_FALSE(accepted("3006030101020101"));      // BIT STRING
    EXPECT_FALSE(accepted(""));
}

TEST(EcdsaDer, RefusesNumbersOutOfRange) {
    EXPECT_FALSE(accepted("3006020100020101"));  // r = 0
    EXPECT_FALSE(accepted("3006020101020100"));  // s = 0
    EXPECT_FALSE(accepted("3006020181020101"));  // r < 0
    EXPECT_FALSE(accepted("3006020101020181"));
    EXPECT_FALSE(accepted("3026022100" + p256_order + "020101"));
    EXPECT_FALSE(accepted("3026020101022100" + p256_order));
    EXPECT_TRUE(accepted("3026022100" + p256_order_less_one + "020101"));
    EXPECT_FALSE(accepted("302702220100" + p256_order_less_one + "020101"));
}

TEST(EcdsaDer, RefusesRawHalvesOfZeroOrOfAnotherLength) {
    Bytes raw(64, 1);
    ASSERT_TRUE(ecdsa_to_der(KeyType::p256, raw));
    EXPECT_FALSE(ecdsa_to_der(KeyType::p384, raw));
    EXPECT_FALSE(ecdsa_to_der(KeyType::rsa2048, raw));
    EXPECT_FALSE(ecdsa_to_der(KeyType::p256, hsm::ByteView(raw).first(63)));
    std::fill_n(raw.begin(), 32, hsm::Byte{0});
    EXPECT_FALSE(ecdsa_to_der(KeyType::p256, raw));
}

// Every Wycheproof signature that is invalid for its encoding must already fall here, and
// whatever passes must come back byte for byte.
TEST(EcdsaDer, IsAsStrictAsWycheproof) {
    for (const auto& [file, type] :
         {std::pair("ecdsa_secp256r1_sha256_test.json", KeyType::p256),
          std::pair("ecdsa_secp384r1_sha384_test.json", KeyType::p384)}) {
        const auto vectors = tests::engine::wycheproof(file);
        if (!vectors) {
            GTEST_SKIP() << "skipped: no vectors";
        }
        for (const auto& group : (*vectors)["testGroups"]) {
            for (const auto& test : group["tests"]) {
                const auto der = from_hex(test["sig"]);
                const auto raw = ecdsa_from_der(type, der);
                if (test["result"] == "valid") {
                    ASSERT_TRUE(raw) << test.dump();
                }
                if (raw) {
                    const auto again = ecdsa_to_der(type, *raw);
                    ASSERT_TRUE(again);
                    EXPECT_TRUE(hsm::equal(*again, der)) << test.dump();
                }
            }
        }
    }
}

}  // namespace
