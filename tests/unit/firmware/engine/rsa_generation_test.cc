#include "firmware/engine/psa/rsa_generation.h"

#include <set>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "firmware/engine/psa/initialize.h"
#include "tests/support/generated_key.h"
#include "tests/unit/firmware/engine/engine_site.h"
#include "tests/unit/firmware/engine/openssl_check.h"

namespace tests::engine {
namespace {

using firmware::engine::Engine;
using firmware::engine::SealedKey;
using firmware::engine::Signature;
using firmware::engine::psa::PrivateKey;
using firmware::engine::psa::RsaGeneration;
using hsm::Status;
using hsm::protocol::KeyType;

constexpr hsm::protocol::Algorithm es256{
    hsm::protocol::Scheme::ecdsa, hsm::protocol::DigestAlgorithm::sha256, 0};

// OpenSSL's opinion: both numbers prime, the exponents theirs, the modulus as long as it should be.
void expect_good_key(hsm::ByteView private_key, int bits) {
    const auto* at = private_key.data();
    EVP_PKEY* key =
        d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(private_key.size()));
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(at, private_key.data() + private_key.size()) << "and nothing after it";
    EXPECT_EQ(EVP_PKEY_get_bits(key), bits);
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
    EXPECT_EQ(EVP_PKEY_check(context), 1);
    BIGNUM* exponent = nullptr;
    EXPECT_EQ(EVP_PKEY_get_bn_param(key, "e", &exponent), 1);
    EXPECT_TRUE(BN_is_word(exponent, 65537));
    BN_free(exponent);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
}

TEST(RsaGeneration, MakesAnotherGoodKeyEachTimeInSlices) {
    ASSERT_TRUE(firmware::engine::psa::initialize());
    RsaGeneration generation;
    std::set<std::vector<hsm::Byte>> keys;
    for (int i = 0; i < 5; ++i) {
        generation.begin(KeyType::rsa2048);
        std::size_t slices = 0;
        while (generation.is_searching()) {
            generation.work();
            ++slices;
        }
        EXPECT_GE(slices, 2u * 9) << "two candidates and eight rounds for each";
        PrivateKey key;
        ASSERT_TRUE(generation.take(key));
        EXPECT_FALSE(generation.is_begun());
        expect_good_key(key.reveal(), 2048);
        keys.emplace(key.reveal().begin(), key.reveal().end());
    }
    EXPECT_EQ(keys.size(), 5u);
}

TEST(RsaGeneration, MakesTheLongOnesToo) {
    ASSERT_TRUE(firmware::engine::psa::initialize());
    RsaGeneration generation;
    for (const auto& [type, bits] :
         {std::pair{KeyType::rsa3072, 3072}, std::pair{KeyType::rsa4096, 4096}}) {
        generation.begin(type);
        while (generation.is_searching()) {
            generation.work();
        }
        PrivateKey key;
        ASSERT_TRUE(generation.take(key));
        expect_good_key(key.reveal(), bits);
    }
}

TEST(RsaGeneration, ForgetsWhatIsDropped) {
    ASSERT_TRUE(firmware::engine::psa::initialize());
    RsaGeneration generation;
    generation.begin(KeyType::rsa4096);
    for (int i = 0; i < 20; ++i) {
        generation.work();
    }
    EXPECT_TRUE(generation.is_searching());

    generation.drop();

    EXPECT_FALSE(generation.is_begun());
    EXPECT_FALSE(generation.is_searching());
    generation.work();
    generation.begin(KeyType::rsa2048);
    EXPECT_EQ(generation.type(), KeyType::rsa2048);
    EXPECT_TRUE(generation.is_searching());
}

// What engine.h promises of generate_sealed().
class EngineGeneration : public testing::TestWithParam<EngineKind> {
protected:
    void SetUp() override {
        site_ = GetParam().make_site();
        engine_ = site_->open("module-1");
        ASSERT_TRUE(engine_->unlock(site_->secret()) && engine_->make_epoch(1));
    }

    Status generate(KeyType type, SealedKey& out) {
        const auto made = engine_->generate_sealed(1, type, out);
        return made ? Status::ok : made.error();
    }

    std::unique_ptr<Site> site_;
    std::unique_ptr<Engine> engine_;
};

TEST_P(EngineGeneration, AnswersOthersWhileItMakesAnRsaPair) {
    SealedKey rsa;
    SealedKey other;
    SealedKey ec;
    ASSERT_EQ(generate(KeyType::rsa4096, rsa), Status::busy);

    EXPECT_EQ(generate(KeyType::rsa2048, other), Status::busy);
    ASSERT_EQ(generate(KeyType::p256, ec), Status::ok);
    const hsm::Digest hash = {7};
    Signature signature;
    EXPECT_TRUE(
        engine_->sign_sealed(1, KeyType::p256, ec.wrapped, ec.spki, es256, hash, signature));
    EXPECT_TRUE(openssl_verifies(ec.spki, es256, hash, signature));

    ASSERT_TRUE(support::generate_key(*engine_, 1, KeyType::rsa4096, rsa));
    const hsm::protocol::Algorithm rs256{
        hsm::protocol::Scheme::rsa_pkcs1, hsm::protocol::DigestAlgorithm::sha256, 0};
    EXPECT_TRUE(
        engine_->sign_sealed(1, KeyType::rsa4096, rsa.wrapped, rsa.spki, rs256, hash, signature));
    EXPECT_TRUE(openssl_verifies(rsa.spki, rs256, hash, signature));
}

TEST_P(EngineGeneration, GivesEachPairOnce) {
    SealedKey first;
    SealedKey second;
    ASSERT_TRUE(support::generate_key(*engine_, 1, KeyType::rsa2048, first));
    EXPECT_EQ(generate(KeyType::rsa2048, second), Status::busy) << "another one is begun";
    ASSERT_TRUE(support::generate_key(*engine_, 1, KeyType::rsa2048, second));
    EXPECT_FALSE(first.spki == second.spki);
}

TEST_P(EngineGeneration, MakesWayForAnotherOnceItIsDropped) {
    SealedKey key;
    ASSERT_EQ(generate(KeyType::rsa3072, key), Status::busy);

    engine_->drop_generation();

    ASSERT_TRUE(support::generate_key(*engine_, 1, KeyType::rsa2048, key));
    EXPECT_LT(key.spki.size(), 300u) << "RSA-2048";
    engine_->drop_generation();  // nothing is under way: nothing happens
    EXPECT_FALSE(engine_->work());
}

TEST_P(EngineGeneration, LosesItsPairWithAnUnlock) {
    SealedKey key;
    ASSERT_EQ(generate(KeyType::rsa2048, key), Status::busy);
    ASSERT_TRUE(engine_->unlock(site_->secret()));
    ASSERT_TRUE(support::generate_key(*engine_, 1, KeyType::rsa2048, key));
    EXPECT_FALSE(key.wrapped.empty());
}

INSTANTIATE_TEST_SUITE_P(Engines,
                         EngineGeneration,
                         testing::ValuesIn(engine_kinds()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace tests::engine
