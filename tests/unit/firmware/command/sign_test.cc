#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

const EVP_MD* digest_of(wire::DigestAlgorithm digest) {
    return digest == wire::DigestAlgorithm::sha256   ? EVP_sha256()
           : digest == wire::DigestAlgorithm::sha384 ? EVP_sha384()
                                                     : EVP_sha512();
}

bool verifies(hsm::ByteView spki,
              const wire::Algorithm& algorithm,
              hsm::ByteView hash,
              hsm::ByteView signature) {
    const auto* at = spki.data();
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), EVP_PKEY_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
    CHECK(EVP_PKEY_verify_init(context.get()) == 1);
    if (algorithm.scheme == wire::Scheme::rsa_pss) {
        CHECK(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) == 1);
        CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), algorithm.salt_length) == 1);
    }
    CHECK(EVP_PKEY_CTX_set_signature_md(context.get(), digest_of(algorithm.digest)) == 1);
    return EVP_PKEY_verify(
               context.get(), signature.data(), signature.size(), hash.data(), hash.size()) == 1;
}

struct Case {
    const char* name;
    wire::KeyType type;
    wire::Algorithm algorithm;
};

class SignTest : public testing::TestWithParam<Case> {};

TEST_P(SignTest, MakesASignatureThatOpensslAccepts) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people, GetParam().type);
    ASSERT_EQ(status(holder), Status::ok);
    const auto signing =
        approved_signing(group.target(), group.people, *holder, 3, GetParam().algorithm);
    ASSERT_EQ(status(signing), Status::ok);
    const auto blob = wire::decode_blob(holder->blob);

    for (const std::uint32_t leaf : {1u, 2u, 0u}) {
        const auto reply = call(group.target(), signing->request(leaf));
        ASSERT_EQ(status(reply), Status::ok);
        EXPECT_TRUE(verifies(blob->header.spki,
                             GetParam().algorithm,
                             signing->hashes[leaf].hash,
                             (*reply)->signature));
    }
}

using enum wire::DigestAlgorithm;
using enum wire::Scheme;
INSTANTIATE_TEST_SUITE_P(
    Algorithms,
    SignTest,
    testing::Values(Case{"p256_sha256", wire::KeyType::p256, {ecdsa, sha256, 0}},
                    Case{"p384_sha384", wire::KeyType::p384, {ecdsa, sha384, 0}},
                    Case{"rsa2048_pkcs1_sha256", wire::KeyType::rsa2048, {rsa_pkcs1, sha256, 0}},
                    Case{"rsa2048_pss_sha512", wire::KeyType::rsa2048, {rsa_pss, sha512, 64}}),
    [](const auto& tried) { return std::string(tried.param.name); });

TEST(Sign, SignsForAnOrganisationThroughAnyOfItsHolders) {
    ModuleGroup group;
    const auto holder =
        enrol(group.target(), group.people, wire::KeyType::p256, wire::KeyKind::organisation, 4);
    ASSERT_EQ(status(holder), Status::ok);
    for (const auto& key : holder->keys) {
        auto signing = approved_signing(group.target(), group.people, *holder);
        ASSERT_TRUE(signing);
        signing->assertions = {key.assertion(group.people.form(signing->activation.challenge))};
        EXPECT_EQ(status(call(group.target(), signing->request())), Status::ok);
    }
}

TEST(Sign, OpensTheGroupsBlobOnEveryMember) {
    ModuleGroup group(2);
    const auto holder = enrol(group.target(0), group.people);
    ASSERT_TRUE(holder);
    const auto signing = approved_signing(group.target(1), group.people, *holder);
    ASSERT_TRUE(signing);

    EXPECT_EQ(status(call(group.target(1), signing->request())), Status::ok);
}

TEST(Sign, ExpiresByTheModulesOwnClock) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    const auto signing = approved_signing(group.target(), group.people, *holder, 2, es256, 1000);
    group.clock.now_ms += 999;
    EXPECT_EQ(status(call(group.target(), signing->request(0))), Status::ok);
    group.clock.now_ms += 1;
    EXPECT_EQ(status(call(group.target(), signing->request(1))), Status::activation_expired);
}

}  // namespace
