#include "cloudsign/pki/signature_algorithm.h"

#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "hsm/openssl/digest.h"
#include "hsm/openssl/ecdsa_raw.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::Scheme;

int signature_nid(Scheme scheme, DigestAlgorithm digest) {
    int nid = NID_undef;
    OBJ_find_sigid_by_algs(&nid,
                           EVP_MD_get_type(openssl::message_digest(digest)),
                           scheme == Scheme::ecdsa ? EVP_PKEY_EC : EVP_PKEY_RSA);
    return nid;
}

// RFC 8017 A.2.3: SHA-256 and MGF1 stand in the parameters, since the default is SHA-1.
bool set_pss(X509_ALGOR* out, const hsm::protocol::Algorithm& algorithm) {
    const EVP_MD* digest = openssl::message_digest(algorithm.digest);
    std::unique_ptr<RSA_PSS_PARAMS, openssl::Freed<RSA_PSS_PARAMS_free>> parameters(
        RSA_PSS_PARAMS_new());
    parameters->hashAlgorithm = X509_ALGOR_new();
    X509_ALGOR_set0(
        parameters->hashAlgorithm, OBJ_nid2obj(EVP_MD_get_type(digest)), V_ASN1_NULL, nullptr);
    ASN1_STRING* inner = nullptr;
    if (ASN1_item_pack(parameters->hashAlgorithm, ASN1_ITEM_rptr(X509_ALGOR), &inner) == nullptr) {
        return false;
    }
    parameters->maskGenAlgorithm = X509_ALGOR_new();
    X509_ALGOR_set0(parameters->maskGenAlgorithm, OBJ_nid2obj(NID_mgf1), V_ASN1_SEQUENCE, inner);
    parameters->saltLength = ASN1_INTEGER_new();
    ASN1_INTEGER_set(parameters->saltLength, algorithm.salt_length);
    ASN1_STRING* packed = nullptr;
    if (ASN1_item_pack(parameters.get(), ASN1_ITEM_rptr(RSA_PSS_PARAMS), &packed) == nullptr) {
        return false;
    }
    return X509_ALGOR_set0(out, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, packed) == 1;
}

// Of the curve, in bytes; 0 for another key.
std::size_t field_size(const EVP_PKEY* key) {
    constexpr int bits_of_byte = 8;
    return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC
               ? static_cast<std::size_t>((EVP_PKEY_get_bits(key) + bits_of_byte - 1) /
                                          bits_of_byte)
               : 0;
}

}  // namespace

void set_digest_algorithm(X509_ALGOR* out, DigestAlgorithm digest) {
    X509_ALGOR_set0(
        out, OBJ_nid2obj(EVP_MD_get_type(openssl::message_digest(digest))), V_ASN1_UNDEF, nullptr);
}

bool set_signature_algorithm(X509_ALGOR* out, const hsm::protocol::Algorithm& algorithm) {
    switch (algorithm.scheme) {
        case Scheme::none:
            return false;
        case Scheme::ecdsa:  // RFC 5758 §3.2: parameters absent
            return X509_ALGOR_set0(out,
                                   OBJ_nid2obj(signature_nid(algorithm.scheme, algorithm.digest)),
                                   V_ASN1_UNDEF,
                                   nullptr) == 1;
        case Scheme::rsa_pkcs1:  // RFC 4055 §5: parameters NULL
            return X509_ALGOR_set0(out,
                                   OBJ_nid2obj(signature_nid(algorithm.scheme, algorithm.digest)),
                                   V_ASN1_NULL,
                                   nullptr) == 1;
        case Scheme::rsa_pss:
            return set_pss(out, algorithm);
    }
    return false;
}

bool verify_signature(EVP_PKEY* key,
                      const hsm::protocol::Algorithm& algorithm,
                      hsm::ByteView message,
                      hsm::ByteView signature) {
    openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* key_context = nullptr;
    if (EVP_DigestVerifyInit(
            context.get(), &key_context, openssl::message_digest(algorithm.digest), nullptr, key) !=
        1) {
        return false;
    }
    if (algorithm.scheme == Scheme::rsa_pss &&
        (EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) != 1 ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, algorithm.salt_length) != 1)) {
        return false;
    }
    return EVP_DigestVerify(
               context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
           1;
}

std::optional<hsm::Bytes> raw_signature(const EVP_PKEY* key,
                                        const hsm::protocol::Algorithm& algorithm,
                                        hsm::ByteView signature) {
    if (algorithm.scheme != Scheme::ecdsa) {
        return hsm::Bytes(signature.begin(), signature.end());
    }
    const auto size = field_size(key);
    return size == 0 ? std::nullopt : openssl::ecdsa_raw(signature, size);
}

bool verify_raw_signature(EVP_PKEY* key,
                          const hsm::protocol::Algorithm& algorithm,
                          hsm::ByteView message,
                          hsm::ByteView raw) {
    if (algorithm.scheme != Scheme::ecdsa) {
        // OpenSSL goes by the key: an ECDSA value under the name of an RSA algorithm would do.
        return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
               verify_signature(key, algorithm, message, raw);
    }
    const auto size = field_size(key);
    const auto der = size != 0 && raw.size() == 2 * size ? openssl::ecdsa_der(raw) : std::nullopt;
    return der && verify_signature(key, algorithm, message, *der);
}

}  // namespace cloudsign::pki
