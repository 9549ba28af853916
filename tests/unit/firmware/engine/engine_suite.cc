#include <map>

#include <gtest/gtest.h>

#include "firmware/engine/algorithm.h"
#include "firmware/engine/digest.h"
#include "tests/support/generated_key.h"
#include "tests/unit/firmware/engine/engine_site.h"
#include "tests/unit/firmware/engine/openssl_check.h"
#include "tests/unit/firmware/engine/wycheproof.h"

// What engine.h promises, for every engine.
namespace tests::engine {
namespace {

using firmware::engine::DerSignature;
using firmware::engine::Engine;
using firmware::engine::SealedKey;
using firmware::engine::Signature;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::Status;
using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Point;
using hsm::protocol::Scheme;

constexpr std::array key_types = {
    KeyType::p256, KeyType::p384, KeyType::rsa2048, KeyType::rsa3072, KeyType::rsa4096};
constexpr std::array schemes = {Scheme::none, Scheme::ecdsa, Scheme::rsa_pkcs1, Scheme::rsa_pss};
constexpr std::array digests = {
    DigestAlgorithm::sha256, DigestAlgorithm::sha384, DigestAlgorithm::sha512};
constexpr Algorithm es256{Scheme::ecdsa, DigestAlgorithm::sha256, 0};
constexpr Algorithm rs256{Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0};

Bytes hash_for(DigestAlgorithm digest) {
    Bytes hash(hsm::protocol::digest_length(digest));
    for (std::size_t i = 0; i < hash.size(); ++i) {
        hash[i] = static_cast<Byte>(i * 7 + 1);
    }
    return hash;
}

const Bytes hash32 = hash_for(DigestAlgorithm::sha256);

// One site for each kind of engine for the whole program: an RSA key is made once. A test that
// needs a blank place makes its own, after close().
struct Shared {
    std::unique_ptr<Site> site;
    std::map<KeyType, SealedKey> keys;
};

Shared& shared(const EngineKind& kind) {
    static std::map<std::string, Shared> all;
    auto& one = all[kind.name];
    if (!one.site) {
        one.site = kind.make_site();
    }
    return one;
}

class EngineSuite : public testing::TestWithParam<EngineKind> {
protected:
    void SetUp() override {
        open("module-1");
        if (engine_->join_epoch(1)) {
            return;
        }
        ASSERT_TRUE(engine_->make_epoch(1));
        ASSERT_TRUE(engine_->make_epoch(2));
    }

    Site& site() { return *shared(GetParam()).site; }

    void open(const std::string& module_name) {
        engine_.reset();
        engine_ = site().open(module_name);
        ASSERT_TRUE(engine_->unlock(site().secret()));
    }

    const SealedKey& key(KeyType type) {
        auto& keys = shared(GetParam()).keys;
        if (!keys.contains(type)) {
            EXPECT_TRUE(tests::support::generate_key(*engine_, 1, type, keys[type]));
        }
        return keys[type];
    }

    Status sign(KeyType type, ByteView wrapped, ByteView spki, const Algorithm& algorithm = es256) {
        Signature signature;
        auto result = engine_->sign_sealed(1, type, wrapped, spki, algorithm, hash32, signature);
        EXPECT_EQ(signature.empty(), !result.has_value());
        return result ? Status::ok : result.error();
    }

    std::unique_ptr<Engine> engine_;
};

TEST_P(EngineSuite, SignsWithEveryAlgorithmThatFitsAndRefusesTheOthers) {
    for (auto type : key_types) {
        const auto& sealed = key(type);
        for (auto scheme : schemes) {
            for (auto digest : digests) {
                for (std::uint8_t salt : {0, 20, 32, 48, 64}) {
                    const Algorithm algorithm{scheme, digest, salt};
                    SCOPED_TRACE(testing::Message()
                                 << "key type " << int(type) << " scheme " << int(scheme)
                                 << " digest " << int(digest) << " salt " << int(salt));
                    const auto hash = hash_for(digest);
                    Signature signature;

                    const auto result = engine_->sign_sealed(
                        1, type, sealed.wrapped, sealed.spki, algorithm, hash, signature);

                    if (firmware::engine::algorithm_fits(type, algorithm)) {
                        ASSERT_TRUE(result) << status_name(result.error());
                        EXPECT_TRUE(openssl_verifies(sealed.spki, algorithm, hash, signature));
                    } else {
                        ASSERT_FALSE(result);
                        EXPECT_EQ(result.error(), Status::algorithm_wrong);
                        EXPECT_TRUE(signature.empty());
                    }
                }
            }
        }
    }
}

TEST_P(EngineSuite, RefusesAHashOfAnotherLength) {
    const auto& ec = key(KeyType::p256);
    const auto& rsa = key(KeyType::rsa2048);
    for (std::size_t size : {0, 1, 20, 31, 33, 48, 64}) {
        const Bytes hash(size, 1);
        Signature signature;

        const auto by_ec =
            engine_->sign_sealed(1, KeyType::p256, ec.wrapped, ec.spki, es256, hash, signature);
        const auto by_rsa = engine_->sign_sealed(
            1, KeyType::rsa2048, rsa.wrapped, rsa.spki, rs256, hash, signature);

        ASSERT_FALSE(by_ec);
        ASSERT_FALSE(by_rsa);
        EXPECT_EQ(by_ec.error(), Status::algorithm_wrong);
        EXPECT_EQ(by_rsa.error(), Status::algorithm_wrong);
    }
}

TEST_P(EngineSuite, RefusesAWrappedKeyWithAnyByteChanged) {
    for (auto type : {KeyType::p256, KeyType::rsa2048}) {
        const auto& sealed = key(type);
        const auto& algorithm = type == KeyType::p256 ? es256 : rs256;
        const std::size_t step = type == KeyType::p256 ? 1 : 37;
        for (std::size_t i = 0; i < sealed.wrapped.size(); i += step) {
            Bytes changed(sealed.wrapped.begin(), sealed.wrapped.end());
            changed[i] ^= 0x10;

            EXPECT_EQ(sign(type, changed, sealed.spki, algorithm), Status::blob_malformed) << i;
        }
    }
}

TEST_P(EngineSuite, RefusesAWrappedKeyCutOrExtended) {
    const auto& sealed = key(KeyType::p256);
    for (std::size_t size = 0; size < sealed.wrapped.size(); ++size) {
        EXPECT_EQ(sign(KeyType::p256, sealed.wrapped.view().first(size), sealed.spki),
                  Status::blob_malformed)
            << size;
    }
    Bytes longer(sealed.wrapped.begin(), sealed.wrapped.end());
    for (std::size_t i = 0; i < 16; ++i) {
        longer.push_back(0);
        EXPECT_EQ(sign(KeyType::p256, longer, sealed.spki), Status::blob_malformed) << i;
    }
}

TEST_P(EngineSuite, RefusesAKeyOfAnotherEpoch) {
    const auto& sealed = key(KeyType::p256);
    Signature signature;

    const auto other = engine_->sign_sealed(
        2, KeyType::p256, sealed.wrapped, sealed.spki, es256, hash32, signature);
    const auto unknown = engine_->sign_sealed(
        9, KeyType::p256, sealed.wrapped, sealed.spki, es256, hash32, signature);

    ASSERT_FALSE(other);
    EXPECT_EQ(other.error(), Status::blob_malformed);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error(), Status::key_missing);
}

TEST_P(EngineSuite, RefusesAPublicKeyThatIsNotTheWrappedKeys) {
    const auto& ec = key(KeyType::p256);
    const auto& rsa = key(KeyType::rsa2048);
    SealedKey other;
    ASSERT_TRUE(engine_->generate_sealed(1, KeyType::p256, other));
    Bytes off_curve(ec.spki.begin(), ec.spki.end());
    off_curve.back() ^= 1;
    Bytes other_modulus(rsa.spki.begin(), rsa.spki.end());
    other_modulus[100] ^= 1;

    EXPECT_EQ(sign(KeyType::p256, ec.wrapped, other.spki), Status::signature_wrong);
    EXPECT_NE(sign(KeyType::p256, ec.wrapped, off_curve), Status::ok);
    EXPECT_EQ(sign(KeyType::rsa2048, rsa.wrapped, other_modulus, rs256), Status::signature_wrong);
}

TEST_P(EngineSuite, RefusesASubjectPublicKeyInfoCutOrExtended) {
    const auto& sealed = key(KeyType::p256);
    for (std::size_t size = 0; size < sealed.spki.size(); ++size) {
        EXPECT_EQ(sign(KeyType::p256, sealed.wrapped, sealed.spki.view().first(size)),
                  Status::blob_malformed)
            << size;
    }
    Bytes longer(sealed.spki.begin(), sealed.spki.end());
    longer.push_back(0);
    EXPECT_EQ(sign(KeyType::p256, sealed.wrapped, longer), Status::blob_malformed);
}

TEST_P(EngineSuite, RefusesAKeyUnderAnotherType) {
    for (auto real : key_types) {
        for (auto claimed : key_types) {
            if (real == claimed) {
                continue;
            }
            const auto& algorithm = firmware::engine::is_rsa(claimed) ? rs256 : es256;
            // With the claimed type's own public key, so that only the wrapped key is odd.
            EXPECT_NE(sign(claimed, key(real).wrapped, key(claimed).spki, algorithm), Status::ok);
            EXPECT_NE(sign(claimed, key(real).wrapped, key(real).spki, algorithm), Status::ok);
        }
    }
}

TEST_P(EngineSuite, MakesADifferentKeyEachTime) {
    SealedKey first;
    SealedKey second;
    ASSERT_TRUE(engine_->generate_sealed(1, KeyType::p256, first));
    ASSERT_TRUE(engine_->generate_sealed(1, KeyType::p256, second));

    EXPECT_FALSE(first.spki == second.spki);
    EXPECT_FALSE(first.wrapped == second.wrapped);
    EXPECT_FALSE(engine_->generate_sealed(1, static_cast<KeyType>(9), first));
    EXPECT_FALSE(engine_->generate_sealed(9, KeyType::p256, first));
}

TEST_P(EngineSuite, SignsAsItself) {
    const auto point = engine_->identity_point();
    ASSERT_TRUE(point);
    const Digest digest = {1, 2, 3};
    DerSignature signature;

    ASSERT_TRUE(engine_->identity_sign(digest, signature));

    EXPECT_TRUE(openssl_verifies(p256_spki(*point), es256, digest, signature));
    EXPECT_TRUE(engine_->verify_p256(*point, digest, signature));
}

TEST_P(EngineSuite, MacsTheConcatenationUnderTheEpochsOwnKey) {
    const auto whole = hsm::view_of("header and wrapped key");
    const std::array<ByteView, 1> one = {whole};
    const std::array<ByteView, 4> four = {
        whole.first(6), ByteView(), whole.subspan(6, 1), whole.subspan(7)};

    const auto mac = engine_->epoch_mac(1, one);
    const auto same = engine_->epoch_mac(1, four);
    const auto other_epoch = engine_->epoch_mac(2, one);
    const auto empty = engine_->epoch_mac(1, {});

    ASSERT_TRUE(mac && same && other_epoch && empty);
    EXPECT_EQ(*mac, *same);
    EXPECT_NE(*mac, *other_epoch);
    EXPECT_NE(*mac, *empty);
    EXPECT_FALSE(engine_->epoch_mac(9, one));
}

TEST_P(EngineSuite, VerifiesAStrangersSignature) {
    const OpensslKey stranger;
    for (Byte i = 0; i < 50; ++i) {
        const Digest digest = {i};

        EXPECT_TRUE(engine_->verify_p256(stranger.point(), digest, stranger.sign(digest)));
    }
}

TEST_P(EngineSuite, RefusesASignatureOfSomethingElse) {
    const OpensslKey stranger;
    const Digest digest = {1};
    const auto signature = stranger.sign(digest);
    const auto refused = [&](const Point& point, const Digest& hash, ByteView der) {
        const auto result = engine_->verify_p256(point, hash, der);
        return !result && result.error() == Status::signature_wrong;
    };

    EXPECT_TRUE(refused(stranger.point(), Digest{2}, signature));
    EXPECT_TRUE(refused(OpensslKey().point(), digest, signature));
    EXPECT_TRUE(refused(stranger.point(), digest, {}));
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        auto changed = signature;
        changed[bit / 8] ^= static_cast<Byte>(1 << bit % 8);
        EXPECT_TRUE(refused(stranger.point(), digest, changed)) << bit;
    }
    for (Byte form : {0, 1, 2, 3, 5, 6, 7}) {
        auto point = stranger.point();
        point[0] = form;
        EXPECT_TRUE(refused(point, digest, signature)) << int(form);
    }
    auto off_curve = stranger.point();
    off_curve[64] ^= 1;
    EXPECT_TRUE(refused(off_curve, digest, signature));
    EXPECT_TRUE(refused(Point{4}, digest, signature));
}

TEST_P(EngineSuite, AgreesWithWycheproofOnP256) {
    const auto vectors = wycheproof("ecdsa_secp256r1_sha256_test.json");
    if (!vectors) {
        GTEST_SKIP() << "skipped: no vectors";
    }
    std::size_t count = 0;
    for (const auto& group : (*vectors)["testGroups"]) {
        const auto encoded = from_hex(group["publicKey"]["uncompressed"]);
        Point point;
        ASSERT_EQ(encoded.size(), point.size());
        std::ranges::copy(encoded, point.begin());
        for (const auto& test : group["tests"]) {
            const auto message = from_hex(test["msg"]);
            const std::array<ByteView, 1> parts = {message};
            const auto accepted =
                engine_->verify_p256(point, firmware::engine::sha256(parts), from_hex(test["sig"]))
                    .has_value();
            EXPECT_EQ(accepted, test["result"] == "valid") << test.dump();
            ++count;
        }
    }
    EXPECT_EQ(count, (*vectors)["numberOfTests"]);
}

TEST_P(EngineSuite, DrawsRandomBytesThatDiffer) {
    Bytes first(5000);
    Bytes second(5000);
    ASSERT_TRUE(engine_->random(first));
    ASSERT_TRUE(engine_->random(second));

    EXPECT_NE(first, second);
    EXPECT_NE(Bytes(first.end() - 32, first.end()), Bytes(32));
    EXPECT_TRUE(engine_->random({}));
}

TEST_P(EngineSuite, DoesNothingButRandomBeforeItIsUnlocked) {
    const auto sealed = key(KeyType::p256);
    const auto point = *engine_->identity_point();
    engine_.reset();
    engine_ = site().open("module-1");
    SealedKey made;
    Signature signature;
    DerSignature der;
    Bytes random(32);
    const auto locked = [](const auto& result) {
        return !result && result.error() == Status::key_locked;
    };

    EXPECT_TRUE(engine_->random(random));
    EXPECT_TRUE(locked(engine_->identity_point()));
    EXPECT_TRUE(locked(engine_->identity_sign(Digest{}, der)));
    EXPECT_TRUE(locked(engine_->make_epoch(3)));
    EXPECT_TRUE(locked(engine_->join_epoch(1)));
    EXPECT_TRUE(locked(engine_->epoch_mac(1, {})));
    EXPECT_TRUE(locked(engine_->generate_sealed(1, KeyType::p256, made)));
    EXPECT_TRUE(locked(engine_->sign_sealed(
        1, KeyType::p256, sealed.wrapped, sealed.spki, es256, hash32, signature)));
    EXPECT_TRUE(locked(engine_->verify_p256(point, Digest{}, OpensslKey().sign(Digest{}))));
}

TEST_P(EngineSuite, StaysLockedAfterAWrongSecretAndOpensWithTheRightOne) {
    engine_.reset();
    engine_ = site().open("module-1");
    const auto wrong = hsm::view_of("0123456789abcdef0123456789abcdeF");

    for (auto secret : {wrong, ByteView(), wrong.first(5), site().secret().first(31)}) {
        const auto result = engine_->unlock(secret);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error(), Status::secret_wrong);
        EXPECT_FALSE(engine_->identity_point());
        EXPECT_FALSE(engine_->epoch_mac(1, {}));
    }

    EXPECT_TRUE(engine_->unlock(site().secret()));
    EXPECT_TRUE(engine_->epoch_mac(1, {}));
    EXPECT_FALSE(engine_->unlock(wrong));
    EXPECT_FALSE(engine_->epoch_mac(1, {}));
}

TEST_P(EngineSuite, RefusesAWrongSecretOfANewModuleToo) {
    engine_.reset();
    engine_ = site().open("module-never-seen");

    const auto result = engine_->unlock(hsm::view_of("0123456789abcdef0123456789abcdeF"));

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), Status::secret_wrong);
}

// A KEK that never leaves a token cannot come into one either.
TEST_P(EngineSuite, TakesAnEpochsSecretOrSaysThatItCannot) {
    hsm::protocol::EpochSecret secret;
    ASSERT_TRUE(secret.assign(Bytes(32, 0x42)));

    const auto tried = engine_->try_epoch(7, secret);

    EXPECT_EQ(tried.has_value(), engine_->takes_epoch_secrets());
    if (tried) {
        EXPECT_TRUE(engine_->epoch_mac(7, {}));
        EXPECT_TRUE(engine_->forget_epoch(7));
    } else {
        EXPECT_EQ(tried.error(), Status::not_supported);
        EXPECT_EQ(engine_->keep_epoch(7).error(), Status::not_supported);
        EXPECT_EQ(engine_->wipe().error(), Status::not_supported);
    }
    EXPECT_FALSE(engine_->epoch_mac(7, {}));
}

TEST_P(EngineSuite, SealsAKeyAnewUnderAnotherEpochOrSaysThatItCannot) {
    const auto sealed = key(KeyType::p256);
    SealedKey anew;
    if (!engine_->takes_epoch_secrets()) {
        EXPECT_EQ(engine_->reseal(1, 1, sealed.wrapped, anew).error(), Status::not_supported);
        EXPECT_EQ(engine_->drop_epoch(1).error(), Status::not_supported);
        return;
    }
    hsm::protocol::EpochSecret secret;
    ASSERT_TRUE(secret.assign(Bytes(32, 0x42)));
    ASSERT_TRUE(engine_->try_epoch(7, secret));

    ASSERT_TRUE(engine_->reseal(1, 7, sealed.wrapped, anew));

    Signature signature;
    EXPECT_TRUE(engine_->sign_sealed(
        7, KeyType::p256, anew.wrapped, sealed.spki, es256, hash32, signature));
    EXPECT_NE(sign(KeyType::p256, anew.wrapped, sealed.spki), Status::ok);
    SealedKey back;
    ASSERT_TRUE(engine_->reseal(7, 1, anew.wrapped, back));
    EXPECT_TRUE(hsm::equal(back.wrapped, sealed.wrapped));
    Bytes damaged(anew.wrapped.view().begin(), anew.wrapped.view().end());
    damaged[12] ^= 1;
    EXPECT_EQ(engine_->reseal(7, 1, damaged, back).error(), Status::blob_malformed);
    EXPECT_EQ(engine_->reseal(1, 7, anew.wrapped, back).error(), Status::blob_malformed);
    EXPECT_EQ(engine_->reseal(1, 8, sealed.wrapped, back).error(), Status::key_missing);
}

TEST_P(EngineSuite, JoinsAnEpochOnlyAfterItWasMadeAndMakesItOnce) {
    engine_.reset();
    const auto blank = GetParam().make_site();
    engine_ = blank->open("module-1");
    ASSERT_TRUE(engine_->unlock(blank->secret()));
    const auto early = engine_->join_epoch(1);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error(), Status::key_missing);
    EXPECT_FALSE(engine_->epoch_mac(1, {}));

    ASSERT_TRUE(engine_->make_epoch(1));
    const auto mac = engine_->epoch_mac(1, {});
    const auto again = engine_->make_epoch(1);

    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), Status::wrong_state);
    EXPECT_TRUE(engine_->join_epoch(1));
    EXPECT_EQ(*engine_->epoch_mac(1, {}), *mac);
    engine_.reset();
}

TEST_P(EngineSuite, KeepsIdentityAndEpochsOverARestart) {
    const auto sealed = key(KeyType::p256);
    const auto point = *engine_->identity_point();
    const auto mac = *engine_->epoch_mac(1, {});

    open("module-1");

    EXPECT_EQ(*engine_->identity_point(), point);
    EXPECT_EQ(*engine_->epoch_mac(1, {}), mac);
    EXPECT_EQ(sign(KeyType::p256, sealed.wrapped, sealed.spki), Status::ok);
}

TEST_P(EngineSuite, SharesEpochsButNotIdentityWithItsGroup) {
    const auto sealed = key(KeyType::p256);
    const auto point = *engine_->identity_point();
    const auto mac = *engine_->epoch_mac(1, {});

    open("module-2");
    ASSERT_TRUE(engine_->join_epoch(1));

    EXPECT_NE(*engine_->identity_point(), point);
    EXPECT_EQ(*engine_->epoch_mac(1, {}), mac);
    EXPECT_EQ(sign(KeyType::p256, sealed.wrapped, sealed.spki), Status::ok);
    DerSignature der;
    ASSERT_TRUE(engine_->identity_sign(Digest{}, der));
    EXPECT_FALSE(engine_->verify_p256(point, Digest{}, der));
}

TEST_P(EngineSuite, OpensNoKeyOfAnotherGroup) {
    const auto sealed = key(KeyType::p256);
    engine_.reset();
    const auto elsewhere = GetParam().make_site();
    engine_ = elsewhere->open("module-1");
    ASSERT_TRUE(engine_->unlock(elsewhere->secret()));
    ASSERT_TRUE(engine_->make_epoch(1));

    EXPECT_EQ(sign(KeyType::p256, sealed.wrapped, sealed.spki), Status::blob_malformed);
    engine_.reset();
}

INSTANTIATE_TEST_SUITE_P(Engines,
                         EngineSuite,
                         testing::ValuesIn(engine_kinds()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace tests::engine
