#include "firmware/engine/der.h"
#include "firmware/engine/psa/known_answer.h"
#include "firmware/engine/psa/kwp.h"
#include "firmware/engine/psa/psa_engine.h"

namespace firmware::engine::psa {

using hsm::Byte;
using hsm::Status;
using selftest::KnownAnswers;
using selftest::SelfTest;

namespace {

Result<void> test_kwp(const KnownAnswers& answers) {
    std::array<Byte, 32> wrapped;
    TRY_ASSIGN(auto size, kwp_wrap(answers.kwp_kek, answers.kwp_plain, wrapped));
    TRY(expect_same(ByteView(wrapped).first(size), answers.kwp_wrapped));
    std::array<Byte, 32> plain;
    TRY_ASSIGN(auto opened, kwp_unwrap(answers.kwp_kek, answers.kwp_wrapped, plain));
    TRY(expect_same(ByteView(plain).first(opened), answers.kwp_plain));
    wrapped[0] ^= 1;
    if (kwp_unwrap(answers.kwp_kek, ByteView(wrapped).first(size), plain)) {
        return Status::self_test_failed;
    }
    return {};
}

// One algorithm, its key pair, a digest and a signature over it.
struct SignatureCase {
    psa_key_type_t type;
    psa_algorithm_t algorithm;
    ByteView private_key;
    ByteView public_key;
    ByteView digest;
    ByteView signature;
};

Result<void> verify(const KeyHandle& key, const SignatureCase& known, ByteView signature) {
    return checked(psa_verify_hash(key.id(),
                                   known.algorithm,
                                   known.digest.data(),
                                   known.digest.size(),
                                   signature.data(),
                                   signature.size()));
}

// The known signature is accepted, and refused once it is another.
Result<void> test_verification(const KeyHandle& key, const SignatureCase& known) {
    TRY(verify(key, known, known.signature));
    Signature changed;
    if (!changed.assign(known.signature)) {
        return Status::self_test_failed;
    }
    changed.bytes().back() ^= 1;
    if (verify(key, known, changed)) {
        return Status::self_test_failed;
    }
    return {};
}

Result<void> sign(const SignatureCase& known, Signature& out) {
    TRY_ASSIGN(
        auto key,
        import_known(known.type, known.algorithm, PSA_KEY_USAGE_SIGN_HASH, known.private_key));
    std::size_t size = 0;
    TRY(checked(psa_sign_hash(key.id(),
                              known.algorithm,
                              known.digest.data(),
                              known.digest.size(),
                              out.spare().data(),
                              out.spare().size(),
                              &size)));
    out.grow(size);
    return {};
}

// A signature with random numbers in it has no known answer: it has to verify.
Result<void> test_signature_case(const SignatureCase& known) {
    TRY_ASSIGN(auto key,
               import_known(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(known.type),
                            known.algorithm,
                            PSA_KEY_USAGE_VERIFY_HASH,
                            known.public_key));
    TRY(test_verification(key, known));
    Signature made;
    TRY(sign(known, made));
    if (known.algorithm == PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256)) {
        return expect_same(made, known.signature);
    }
    return verify(key, known, made);
}

Result<void> test_rsa(psa_algorithm_t algorithm, const KnownAnswers& answers, ByteView signature) {
    // RSAPublicKey (RFC 8017 §A.1.1): the two numbers after the version of an RSAPrivateKey.
    DerReader outer(answers.rsa_private);
    TRY_ASSIGN(auto contents, outer.element(der_sequence));
    DerReader numbers(contents);
    TRY(numbers.literal(std::array<Byte, 3>{der_integer, 1, 0}));
    TRY_ASSIGN(auto modulus, numbers.positive_integer());
    TRY_ASSIGN(auto exponent, numbers.positive_integer());
    std::array<Byte, 288> buffer;
    DerWriter writer(buffer);
    writer.positive_integer(exponent);
    writer.positive_integer(modulus);
    writer.header(der_sequence, writer.size());
    return test_signature_case({PSA_KEY_TYPE_RSA_KEY_PAIR,
                                algorithm,
                                answers.rsa_private,
                                writer.written(),
                                answers.rsa_digest,
                                signature});
}

}  // namespace

Result<void> PsaEngine::self_test(SelfTest test, const KnownAnswers& answers) {
    constexpr auto curve = PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1);
    switch (test) {
        case SelfTest::aes_kwp:
            return test_kwp(answers);
        case SelfTest::ecdsa_p256:
            return test_signature_case({curve,
                                        PSA_ALG_ECDSA(PSA_ALG_SHA_256),
                                        answers.p256_private,
                                        answers.p256_public,
                                        answers.p256_digest,
                                        answers.p256_signature});
        case SelfTest::ecdsa_p384:
            return test_signature_case({curve,
                                        PSA_ALG_ECDSA(PSA_ALG_SHA_384),
                                        answers.p384_private,
                                        answers.p384_public,
                                        answers.p384_digest,
                                        answers.p384_signature});
        case SelfTest::rsa_pkcs1:
            return test_rsa(PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256), answers, answers.rsa_pkcs1);
        case SelfTest::rsa_pss:
            return test_rsa(PSA_ALG_RSA_PSS(PSA_ALG_SHA_256), answers, answers.rsa_pss);
        default:
            return Status::not_supported;
    }
}

}  // namespace firmware::engine::psa
