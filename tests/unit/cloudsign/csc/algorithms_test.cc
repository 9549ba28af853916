#include "cloudsign/csc/algorithms.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "cloudsign/base64.h"

namespace cloudsign::csc {
namespace {

using hsm::protocol::Scheme;

constexpr KeyType key_types[] = {
    KeyType::p256, KeyType::p384, KeyType::rsa2048, KeyType::rsa3072, KeyType::rsa4096};

TEST(CscAlgorithms, ListsForEachKeyOnlyWhatTheKeyCanDo) {
    const auto all = all_sign_algorithms();
    for (const auto type : key_types) {
        for (const auto oid : key_algorithms(type)) {
            const auto named = sign_algorithm_named(oid);
            ASSERT_TRUE(named.has_value()) << oid;
            EXPECT_NE(std::ranges::find(all, oid), all.end()) << oid;
            const Algorithm algorithm{
                named->scheme, named->digest.value_or(DigestAlgorithm::sha256), 0};
            EXPECT_TRUE(fits(type, algorithm)) << oid;
        }
    }
    // Clients look for the combined identifiers.
    const auto rsa = key_algorithms(KeyType::rsa2048);
    for (const auto* oid : {"1.2.840.113549.1.1.1",
                            "1.2.840.113549.1.1.11",
                            "1.2.840.113549.1.1.12",
                            "1.2.840.113549.1.1.13",
                            "1.2.840.113549.1.1.10"}) {
        EXPECT_NE(std::ranges::find(rsa, oid), rsa.end()) << oid;
    }
}

TEST(CscAlgorithms, NamesCurves) {
    EXPECT_EQ(key_curve(KeyType::p256), "1.2.840.10045.3.1.7");
    EXPECT_EQ(key_curve(KeyType::p384), "1.3.132.0.34");
    EXPECT_FALSE(key_curve(KeyType::rsa2048));
}

TEST(CscAlgorithms, KnowsNothingWeakerThanSha256) {
    EXPECT_EQ(digest_named("2.16.840.1.101.3.4.2.1"), DigestAlgorithm::sha256);
    EXPECT_EQ(digest_named("2.16.840.1.101.3.4.2.2"), DigestAlgorithm::sha384);
    EXPECT_EQ(digest_named("2.16.840.1.101.3.4.2.3"), DigestAlgorithm::sha512);
    for (const auto* oid : {"",
                            "1.3.14.3.2.26",           // SHA-1
                            "2.16.840.1.101.3.4.2.4",  // SHA-224
                            "2.16.840.1.101.3.4.2.1 ",
                            "2.16.840.1.101.3.4.2.01",
                            "sha256"}) {
        EXPECT_FALSE(digest_named(oid)) << oid;
    }
    for (const auto* oid : {"",
                            "1.2.840.113549.1.1.5",  // sha1WithRSAEncryption
                            "1.2.840.10045.4.1",     // ecdsa-with-SHA1
                            "1.2.840.10045.4.3.1",   // ecdsa-with-SHA224
                            "ecdsa-with-SHA256"}) {
        EXPECT_FALSE(sign_algorithm_named(oid)) << oid;
    }
}

TEST(CscAlgorithms, ChoosesTheUsualAlgorithmByTheHashsLength) {
    EXPECT_EQ(algorithm_for(KeyType::p256, 32),
              (Algorithm{Scheme::ecdsa, DigestAlgorithm::sha256, 0}));
    EXPECT_FALSE(algorithm_for(KeyType::p256, 48));
    EXPECT_EQ(algorithm_for(KeyType::p384, 48),
              (Algorithm{Scheme::ecdsa, DigestAlgorithm::sha384, 0}));
    EXPECT_FALSE(algorithm_for(KeyType::p384, 32));
    EXPECT_EQ(algorithm_for(KeyType::rsa2048, 64),
              (Algorithm{Scheme::rsa_pkcs1, DigestAlgorithm::sha512, 0}));
    for (const std::size_t length : {0u, 20u, 31u, 33u, 65u}) {
        EXPECT_FALSE(algorithm_for(KeyType::rsa2048, length));
    }
    EXPECT_FALSE(fits(KeyType::p256, {Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0}));
    EXPECT_FALSE(fits(KeyType::rsa2048, {Scheme::ecdsa, DigestAlgorithm::sha256, 0}));
    EXPECT_FALSE(fits(KeyType::rsa2048, {Scheme::none, DigestAlgorithm::sha256, 0}));
}

Bytes der(std::string_view base64_text) {
    auto bytes = from_base64(base64_text);
    CHECK(bytes.has_value());
    return *bytes;
}

// RSASSA-PSS-params as `openssl asn1parse -genconf` writes them.
const auto pss_sha256 = "MDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEg";
const auto pss_sha512 = "MDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMFAKIDAgFA";
const auto pss_without_null =
    "MDCgDTALBglghkgBZQMEAgGhGjAYBgkqhkiG9w0BAQgwCwYJYIZIAWUDBAIBogMCASA=";

TEST(PssParameters, ReadsDigestAndSalt) {
    const auto sha256 = read_pss_parameters(der(pss_sha256));
    ASSERT_TRUE(sha256.has_value());
    EXPECT_EQ(sha256->digest, DigestAlgorithm::sha256);
    EXPECT_EQ(sha256->salt_length, 32);
    const auto sha512 = read_pss_parameters(der(pss_sha512));
    ASSERT_TRUE(sha512.has_value());
    EXPECT_EQ(sha512->digest, DigestAlgorithm::sha512);
    EXPECT_EQ(sha512->salt_length, 64);
    EXPECT_TRUE(read_pss_parameters(der(pss_without_null)).has_value());
}

TEST(PssParameters, RefusesDefaultsMixturesAndOtherLengths) {
    const auto good = der(pss_sha256);
    const auto with = [&](std::size_t at, hsm::Byte byte) {
        auto changed = good;
        changed[at] = byte;
        return read_pss_parameters(changed);
    };
    EXPECT_FALSE(read_pss_parameters({0x30, 0x00}));  // all defaults: SHA-1
    EXPECT_FALSE(read_pss_parameters({}));
    EXPECT_FALSE(with(16, 2));                  // SHA-384 with MGF1 over SHA-256
    EXPECT_FALSE(with(46, 3));                  // and the other way about
    EXPECT_FALSE(with(good.size() - 1, 65));    // longer than any digest
    EXPECT_FALSE(with(good.size() - 1, 0x80));  // negative
    EXPECT_TRUE(with(good.size() - 1, 0));      // no salt: deterministic, allowed
    auto trailing = good;
    trailing.push_back(0);
    EXPECT_FALSE(read_pss_parameters(trailing));
    auto trailer = good;
    trailer[1] = 0x39;
    const Bytes field = {0xa3, 0x03, 0x02, 0x01, 0x02};
    trailer.insert(trailer.end(), field.begin(), field.end());
    EXPECT_FALSE(read_pss_parameters(trailer));
    trailer.back() = 1;
    EXPECT_TRUE(read_pss_parameters(trailer));
}

TEST(PssParameters, TakesNoGarbageForAnythingElse) {
    std::mt19937 random(7);
    const auto good = der(pss_sha256);
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(read_pss_parameters(Bytes(good.begin(), good.begin() + size)));
    }
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = good;
        for (int flips = 0; flips < 1 + i % 3; ++flips) {
            bytes[random() % bytes.size()] = static_cast<hsm::Byte>(random());
        }
        const auto read = read_pss_parameters(bytes);
        if (read) {
            EXPECT_LE(read->salt_length, 64);
        }
    }
}

}  // namespace
}  // namespace cloudsign::csc
