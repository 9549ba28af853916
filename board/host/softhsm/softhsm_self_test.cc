#include "board/host/softhsm/key_objects.h"
#include "board/host/softhsm/mechanisms.h"
#include "board/host/softhsm/softhsm_engine.h"
#include "firmware/engine/der.h"
#include "firmware/engine/spki.h"

namespace board::host::softhsm {

using firmware::engine::DerReader;
using firmware::engine::Signature;
using firmware::selftest::KnownAnswers;
using firmware::selftest::SelfTest;
using hsm::Byte;
using hsm::ByteView;
using hsm::Result;
using hsm::Status;
using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;

namespace {

constexpr Algorithm es256{Scheme::ecdsa, DigestAlgorithm::sha256, 0};
constexpr Algorithm es384{Scheme::ecdsa, DigestAlgorithm::sha384, 0};
constexpr Algorithm rs256{Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0};
constexpr Algorithm ps256{Scheme::rsa_pss, DigestAlgorithm::sha256, 32};

Result<void> expect_same(ByteView answer, ByteView expected) {
    if (!hsm::equal(answer, expected)) {
        return Status::self_test_failed;
    }
    return {};
}

// A key that everybody knows may be public: it is there before anybody has logged in.
void begin_known_key(Attributes& key, CK_OBJECT_CLASS object_class, CK_KEY_TYPE type) {
    key.number(CKA_CLASS, object_class)
        .number(CKA_KEY_TYPE, type)
        .flag(CKA_TOKEN, false)
        .flag(CKA_PRIVATE, false);
    if (object_class != CKO_PUBLIC_KEY) {
        key.flag(CKA_SENSITIVE, false).flag(CKA_EXTRACTABLE, true);
    }
}

Result<void> test_hmac(Session& session, const KnownAnswers& answers) {
    Attributes attributes;
    begin_known_key(attributes, CKO_SECRET_KEY, CKK_GENERIC_SECRET);
    attributes.flag(CKA_SIGN, true).bytes(CKA_VALUE, answers.hmac_key);
    TRY_ASSIGN(auto key, session.create(attributes));
    CK_MECHANISM mechanism = {CKM_SHA256_HMAC, nullptr, 0};
    const std::array<ByteView, 1> parts = {answers.hmac_message};
    hsm::Digest mac{};
    TRY_ASSIGN(auto size, session.sign(&mechanism, key.handle(), parts, mac));
    return expect_same(ByteView(mac).first(size), answers.hmac);
}

Result<void> test_kwp(Session& session, const KnownAnswers& answers) {
    Attributes kek_attributes;
    begin_known_key(kek_attributes, CKO_SECRET_KEY, CKK_AES);
    kek_attributes.flag(CKA_WRAP, true).flag(CKA_UNWRAP, true).bytes(CKA_VALUE, answers.kwp_kek);
    TRY_ASSIGN(auto kek, session.create(kek_attributes));
    Attributes plain_attributes;
    begin_known_key(plain_attributes, CKO_SECRET_KEY, CKK_GENERIC_SECRET);
    plain_attributes.bytes(CKA_VALUE, answers.kwp_plain);
    TRY_ASSIGN(auto plain, session.create(plain_attributes));

    std::array<Byte, 64> wrapped{};
    TRY_ASSIGN(auto size,
               session.wrap(mechanism_aes_key_wrap_pad, kek.handle(), plain.handle(), wrapped));
    TRY(expect_same(ByteView(wrapped).first(size), answers.kwp_wrapped));

    Attributes wanted;
    begin_known_key(wanted, CKO_SECRET_KEY, CKK_GENERIC_SECRET);
    TRY_ASSIGN(
        auto unwrapped,
        session.unwrap(mechanism_aes_key_wrap_pad, kek.handle(), answers.kwp_wrapped, wanted));
    std::array<Byte, 64> value{};
    TRY_ASSIGN(auto value_size, session.attribute(unwrapped.handle(), CKA_VALUE, value));
    TRY(expect_same(ByteView(value).first(value_size), answers.kwp_plain));

    wrapped[0] ^= 1;
    Attributes again;
    begin_known_key(again, CKO_SECRET_KEY, CKK_GENERIC_SECRET);
    if (session.unwrap(
            mechanism_aes_key_wrap_pad, kek.handle(), ByteView(wrapped).first(size), again)) {
        return Status::self_test_failed;
    }
    return {};
}

struct KnownPair {
    SessionObject private_key;
    SessionObject public_key;
};

Result<KnownPair> create_ec_pair(Session& session, KeyType type, ByteView scalar, ByteView point) {
    KnownPair pair;
    Attributes attributes;
    begin_known_key(attributes, CKO_PRIVATE_KEY, CKK_EC);
    attributes.flag(CKA_SIGN, true)
        .bytes(CKA_EC_PARAMS, firmware::engine::curve_oid(type))
        .bytes(CKA_VALUE, scalar);
    TRY_ASSIGN(pair.private_key, session.create(attributes));
    TRY_ASSIGN(pair.public_key, create_ec_public_key(session, type, point));
    return pair;
}

Result<KnownPair> create_rsa_pair(Session& session, ByteView rsa_private) {
    DerReader outer(rsa_private);
    TRY_ASSIGN(auto contents, outer.element(firmware::engine::der_sequence));
    DerReader numbers(contents);
    TRY(numbers.literal(std::array<Byte, 3>{firmware::engine::der_integer, 1, 0}));
    Attributes private_attributes;
    begin_known_key(private_attributes, CKO_PRIVATE_KEY, CKK_RSA);
    Attributes public_attributes;
    begin_known_key(public_attributes, CKO_PUBLIC_KEY, CKK_RSA);
    private_attributes.flag(CKA_SIGN, true);
    public_attributes.flag(CKA_VERIFY, true);
    // In the order of RFC 8017 §A.1.2.
    for (auto type : {CKA_MODULUS,
                      CKA_PUBLIC_EXPONENT,
                      CKA_PRIVATE_EXPONENT,
                      CKA_PRIME_1,
                      CKA_PRIME_2,
                      CKA_EXPONENT_1,
                      CKA_EXPONENT_2,
                      CKA_COEFFICIENT}) {
        TRY_ASSIGN(auto number, numbers.positive_integer());
        private_attributes.bytes(type, number);
        if (type == CKA_MODULUS || type == CKA_PUBLIC_EXPONENT) {
            public_attributes.bytes(type, number);
        }
    }
    TRY(numbers.end());
    KnownPair pair;
    TRY_ASSIGN(pair.private_key, session.create(private_attributes));
    TRY_ASSIGN(pair.public_key, session.create(public_attributes));
    return pair;
}

// The known signature is accepted and a changed one refused; what is signed is the known one, or
// verifies where random numbers are in it.
Result<void> test_signature(Session& session,
                            const KnownPair& pair,
                            const Algorithm& algorithm,
                            ByteView digest,
                            ByteView expected) {
    if (digest.size() != hsm::protocol::digest_length(algorithm.digest)) {
        return Status::self_test_failed;
    }
    SignatureMechanism mechanism(algorithm, digest);
    const auto verify = [&](ByteView signature) {
        return session.verify(
            mechanism.mechanism(), pair.public_key.handle(), mechanism.input(), signature);
    };
    TRY(verify(expected));
    Signature changed;
    if (!changed.assign(expected)) {
        return Status::self_test_failed;
    }
    changed.bytes().back() ^= 1;
    if (verify(changed)) {
        return Status::self_test_failed;
    }
    Signature made;
    const std::array<ByteView, 1> parts = {mechanism.input()};
    TRY_ASSIGN(auto size,
               session.sign(mechanism.mechanism(), pair.private_key.handle(), parts, made.spare()));
    made.grow(size);
    if (algorithm.scheme == Scheme::rsa_pkcs1) {
        return expect_same(made, expected);
    }
    return verify(made);
}

}  // namespace

Result<void> SoftHsmEngine::self_test(SelfTest test, const KnownAnswers& answers) {
    if (!session_ && unlocked_) {
        TRY(restart());
    }
    if (!session_) {
        return Status::engine_failed;
    }
    objects_made_ += 3;
    switch (test) {
        case SelfTest::hmac_sha256:
            return test_hmac(*session_, answers);
        case SelfTest::aes_kwp:
            return test_kwp(*session_, answers);
        case SelfTest::ecdsa_p256: {
            TRY_ASSIGN(const auto pair,
                       create_ec_pair(
                           *session_, KeyType::p256, answers.p256_private, answers.p256_public));
            return test_signature(
                *session_, pair, es256, answers.p256_digest, answers.p256_signature);
        }
        case SelfTest::ecdsa_p384: {
            TRY_ASSIGN(const auto pair,
                       create_ec_pair(
                           *session_, KeyType::p384, answers.p384_private, answers.p384_public));
            return test_signature(
                *session_, pair, es384, answers.p384_digest, answers.p384_signature);
        }
        case SelfTest::rsa_pkcs1: {
            TRY_ASSIGN(const auto pair, create_rsa_pair(*session_, answers.rsa_private));
            return test_signature(*session_, pair, rs256, answers.rsa_digest, answers.rsa_pkcs1);
        }
        case SelfTest::rsa_pss: {
            TRY_ASSIGN(const auto pair, create_rsa_pair(*session_, answers.rsa_private));
            return test_signature(*session_, pair, ps256, answers.rsa_digest, answers.rsa_pss);
        }
        default:
            return Status::not_supported;
    }
}

}  // namespace board::host::softhsm
