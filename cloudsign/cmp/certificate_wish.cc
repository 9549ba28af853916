#include "cloudsign/cmp/certificate_wish.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "cloudsign/cmp/der_element.h"
#include "cloudsign/pki/distinguished_name.h"
#include "cloudsign/pki/serial_text.h"
#include "hsm/openssl/der.h"

namespace cloudsign::cmp {
namespace {

namespace openssl = hsm::openssl;
using hsm::protocol::KeyType;

// RFC 5480 §2.1.1, §2.2: a named curve, and a point that is not compressed.
std::optional<KeyType> curve_of(const X509_PUBKEY* key) {
    const unsigned char* point = nullptr;
    int size = 0;
    X509_ALGOR* algorithm = nullptr;
    if (X509_PUBKEY_get0_param(nullptr, &point, &size, &algorithm, key) != 1) {
        return std::nullopt;
    }
    int type = V_ASN1_UNDEF;
    const void* parameters = nullptr;
    X509_ALGOR_get0(nullptr, &type, &parameters, algorithm);
    constexpr unsigned char uncompressed = 4;
    if (type != V_ASN1_OBJECT || size < 1 || *point != uncompressed) {
        return std::nullopt;
    }
    switch (OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(parameters))) {
        case NID_X9_62_prime256v1:
            return KeyType::p256;
        case NID_secp384r1:
            return KeyType::p384;
        default:
            return std::nullopt;
    }
}

// A small exponent, 1 above all, makes signatures that nobody needs the key for.
bool has_good_exponent(const EVP_PKEY* key) {
    BIGNUM* exponent = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) {
        return false;
    }
    const openssl::BignumPtr owner(exponent);
    constexpr BN_ULONG exponent_min = 65537;
    const openssl::BignumPtr least(BN_new());
    BN_set_word(least.get(), exponent_min);
    return BN_is_odd(exponent) == 1 && BN_cmp(exponent, least.get()) >= 0;
}

std::optional<KeyType> key_type_of(const X509_PUBKEY* key) {
    const EVP_PKEY* parsed = X509_PUBKEY_get0(key);
    if (parsed == nullptr) {
        return std::nullopt;
    }
    if (EVP_PKEY_get_base_id(parsed) == EVP_PKEY_EC) {
        return curve_of(key);
    }
    if (EVP_PKEY_get_base_id(parsed) != EVP_PKEY_RSA || !has_good_exponent(parsed)) {
        return std::nullopt;
    }
    switch (EVP_PKEY_get_bits(parsed)) {
        case 2048:
            return KeyType::rsa2048;
        case 3072:
            return KeyType::rsa3072;
        case 4096:
            return KeyType::rsa4096;
        default:
            return std::nullopt;
    }
}

Result<CertificateWish> wish_for(const X509_NAME* subject, const Bytes& spki) {
    const auto key = openssl::from_der<openssl::X509PubkeyPtr>(spki, d2i_X509_PUBKEY);
    const auto type = key ? key_type_of(key.get()) : std::nullopt;
    // Written anew, nothing is hidden behind a key or within.
    const bool is_plain = type && openssl::to_der(X509_PUBKEY_get0(key.get()), i2d_PUBKEY) == spki;
    ERR_clear_error();
    if (!is_plain) {
        return Error{ErrorKind::invalid,
                     "the key has to be on P-256 or P-384 (a named curve, the point uncompressed), "
                     "or RSA of 2048, 3072 or 4096 bits with an exponent of 65537 or more"};
    }
    CertificateWish wish;
    if (subject != nullptr && X509_NAME_entry_count(subject) > 0) {
        wish.subject = pki::format_name(subject);
    }
    wish.spki = spki;
    wish.key_type = *type;
    return wish;
}

// CertReqMsg: SEQUENCE { certReq, popo, … }, of POPOSigningKey [1] poposkInput [0].
bool proves_something_else(const OSSL_CRMF_MSG* request) {
    constexpr int signing_key_tag = 1;
    constexpr int input_tag = 0;
    const auto der = openssl::to_der(const_cast<OSSL_CRMF_MSG*>(request), i2d_OSSL_CRMF_MSG);
    auto rest = hsm::ByteView(der);
    const auto sequence = take_element(rest);
    const auto proof = sequence ? find_context(sequence->content, signing_key_tag) : std::nullopt;
    return proof && find_context(proof->content, input_tag).has_value();
}

// CertTemplate.publicKey: SubjectPublicKeyInfo under a tag in place of its own.
Bytes public_key_in(OSSL_CRMF_CERTTEMPLATE* asked) {
    constexpr int public_key_tag = 6;
    const auto der = openssl::to_der(asked, i2d_OSSL_CRMF_CERTTEMPLATE);
    auto rest = hsm::ByteView(der);
    const auto sequence = take_element(rest);
    const auto key = sequence ? find_context(sequence->content, public_key_tag) : std::nullopt;
    if (!key) {
        return {};
    }
    Bytes spki(key->whole.begin(), key->whole.end());
    spki.front() = V_ASN1_CONSTRUCTED | V_ASN1_SEQUENCE;
    return spki;
}

}  // namespace

Result<CertificateWish> read_wish(const OSSL_CRMF_MSG* request) {
    if (proves_something_else(request)) {
        return Error{ErrorKind::invalid,
                     "the proof of possession has to sign the request itself, without poposkInput"};
    }
    auto* asked = OSSL_CRMF_MSG_get0_tmpl(request);
    TRY_ASSIGN(auto wish,
               wish_for(OSSL_CRMF_CERTTEMPLATE_get0_subject(asked), public_key_in(asked)));
    if (const auto* old = OSSL_CRMF_MSG_get0_regCtrl_oldCertID(request)) {
        wish.renews = pki::serial_text(OSSL_CRMF_CERTID_get0_serialNumber(old));
        const auto* issuer = OSSL_CRMF_CERTID_get0_issuer(old);
        wish.renewed_issuer = issuer != nullptr ? pki::format_name(issuer) : "";
    }
    return wish;
}

Result<CertificateWish> read_wish(const X509_REQ* request) {
    return wish_for(
        X509_REQ_get_subject_name(request),
        openssl::to_der(X509_REQ_get_X509_PUBKEY(const_cast<X509_REQ*>(request)), i2d_X509_PUBKEY));
}

}  // namespace cloudsign::cmp
