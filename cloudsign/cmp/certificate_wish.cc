#include "cloudsign/cmp/certificate_wish.h"

#include <openssl/err.h>

#include "cloudsign/cmp/der_element.h"
#include "cloudsign/pki/distinguished_name.h"
#include "cloudsign/pki/serial_text.h"
#include "hsm/openssl/der.h"

namespace cloudsign::cmp {
namespace {

namespace openssl = hsm::openssl;
using hsm::protocol::KeyType;

std::optional<KeyType> curve_of(EVP_PKEY* key) {
    char name[32] = "";
    if (EVP_PKEY_get_group_name(key, name, sizeof(name), nullptr) != 1) {
        return std::nullopt;
    }
    const std::string_view curve = name;
    return curve == SN_X9_62_prime256v1 ? std::optional(KeyType::p256)
           : curve == SN_secp384r1      ? std::optional(KeyType::p384)
                                        : std::nullopt;
}

std::optional<KeyType> key_type_of(EVP_PKEY* key) {
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
        return curve_of(key);
    }
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        return std::nullopt;
    }
    switch (EVP_PKEY_get_bits(key)) {
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
    const auto key = openssl::read_spki(spki);
    const auto type = key ? key_type_of(key.get()) : std::nullopt;
    ERR_clear_error();
    if (!type) {
        return Error{ErrorKind::invalid,
                     "the key has to be on P-256 or P-384, or RSA of 2048, 3072 or 4096 bits"};
    }
    CertificateWish wish;
    if (subject != nullptr && X509_NAME_entry_count(subject) > 0) {
        wish.subject = pki::format_name(subject);
    }
    wish.spki = spki;
    wish.key_type = *type;
    return wish;
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
    auto* asked = OSSL_CRMF_MSG_get0_tmpl(request);
    TRY_ASSIGN(auto wish,
               wish_for(OSSL_CRMF_CERTTEMPLATE_get0_subject(asked), public_key_in(asked)));
    if (const auto* old = OSSL_CRMF_MSG_get0_regCtrl_oldCertID(request)) {
        wish.renews = pki::serial_text(OSSL_CRMF_CERTID_get0_serialNumber(old));
    }
    return wish;
}

Result<CertificateWish> read_wish(const X509_REQ* request) {
    return wish_for(
        X509_REQ_get_subject_name(request),
        openssl::to_der(X509_REQ_get_X509_PUBKEY(const_cast<X509_REQ*>(request)), i2d_X509_PUBKEY));
}

}  // namespace cloudsign::cmp
