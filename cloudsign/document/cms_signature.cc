#include "cloudsign/document/cms_signature.h"

#include <openssl/asn1t.h>
#include <openssl/objects.h>

#include "cloudsign/pki/parsed_certificate.h"
#include "cloudsign/pki/signature_algorithm.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"

// PKCS#7's structures are CMS's for version 1 (issuerAndSerialNumber, id-data), and unlike CMS_*
// OpenSSL lets a caller fill them in around a signature made elsewhere.
namespace cloudsign::document {
namespace {

namespace openssl = hsm::openssl;

// RFC 6211 §2: SEQUENCE { digestAlgorithm, signatureAlgorithm [1] OPTIONAL, macAlgorithm [2]
// OPTIONAL }
struct AlgorithmProtection {
    X509_ALGOR* digest;
    X509_ALGOR* signature;
};
ASN1_SEQUENCE(AlgorithmProtection) = {ASN1_SIMPLE(AlgorithmProtection, digest, X509_ALGOR),
                                      ASN1_IMP(AlgorithmProtection,
                                               signature,
                                               X509_ALGOR,
                                               1)} static_ASN1_SEQUENCE_END(AlgorithmProtection)

    constexpr const char* algorithm_protection_oid = "1.2.840.113549.1.9.52";

struct AttributesFree {
    void operator()(STACK_OF(X509_ATTRIBUTE) * attributes) const {
        sk_X509_ATTRIBUTE_pop_free(attributes, X509_ATTRIBUTE_free);
    }
};
using AttributesPtr = std::unique_ptr<STACK_OF(X509_ATTRIBUTE), AttributesFree>;

Error broken(std::string detail) {
    return {ErrorKind::internal, "CMS: " + std::move(detail)};
}

bool add(STACK_OF(X509_ATTRIBUTE) * attributes, int nid, int type, const void* value, int size) {
    openssl::X509AttributePtr attribute(
        X509_ATTRIBUTE_create_by_NID(nullptr, nid, type, value, size));
    return attribute && sk_X509_ATTRIBUTE_push(attributes, attribute.release()) > 0;
}

bool add_signing_time(STACK_OF(X509_ATTRIBUTE) * attributes, std::int64_t time_ms) {
    std::unique_ptr<ASN1_TIME, openssl::Freed<ASN1_TIME_free>> time(
        ASN1_TIME_set(nullptr, time_ms / 1000));
    return time && add(attributes, NID_pkcs9_signingTime, time->type, time->data, time->length);
}

bool add_signing_certificate(STACK_OF(X509_ATTRIBUTE) * attributes,
                             X509* certificate,
                             const EVP_MD* digest) {
    openssl::EssCertPtr signing(OSSL_ESS_signing_cert_v2_new_init(digest, certificate, nullptr, 1));
    if (!signing) {
        return false;
    }
    const auto der = openssl::to_der(signing.get(), i2d_ESS_SIGNING_CERT_V2);
    return !der.empty() && add(attributes,
                               NID_id_smime_aa_signingCertificateV2,
                               V_ASN1_SEQUENCE,
                               der.data(),
                               static_cast<int>(der.size()));
}

// Without it the algorithm fields of SignerInfo, which nothing signs, could be exchanged.
bool add_algorithm_protection(STACK_OF(X509_ATTRIBUTE) * attributes, const Algorithm& algorithm) {
    const openssl::X509AlgorPtr digest(X509_ALGOR_new());
    const openssl::X509AlgorPtr signature(X509_ALGOR_new());
    pki::set_digest_algorithm(digest.get(), algorithm.digest);
    if (!pki::set_signature_algorithm(signature.get(), algorithm)) {
        return false;
    }
    const AlgorithmProtection protection{digest.get(), signature.get()};
    unsigned char* der = nullptr;
    const int size = ASN1_item_i2d(reinterpret_cast<const ASN1_VALUE*>(&protection),
                                   &der,
                                   ASN1_ITEM_rptr(AlgorithmProtection));
    const openssl::OpensslBytesPtr owned(der);
    std::unique_ptr<ASN1_OBJECT, openssl::Freed<ASN1_OBJECT_free>> type(
        OBJ_txt2obj(algorithm_protection_oid, 1));
    openssl::X509AttributePtr attribute(
        size > 0 ? X509_ATTRIBUTE_create_by_OBJ(nullptr, type.get(), V_ASN1_SEQUENCE, der, size)
                 : nullptr);
    return attribute && sk_X509_ATTRIBUTE_push(attributes, attribute.release()) > 0;
}

Bytes encode(STACK_OF(X509_ATTRIBUTE) * attributes) {
    unsigned char* der = nullptr;
    const int size = ASN1_item_i2d(
        reinterpret_cast<ASN1_VALUE*>(attributes), &der, ASN1_ITEM_rptr(PKCS7_ATTR_SIGN));
    if (size <= 0) {
        return {};
    }
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

AttributesPtr decode(const Bytes& der) {
    const unsigned char* at = der.data();
    return AttributesPtr(reinterpret_cast<STACK_OF(X509_ATTRIBUTE)*>(ASN1_item_d2i(
        nullptr, &at, static_cast<long>(der.size()), ASN1_ITEM_rptr(PKCS7_ATTR_VERIFY))));
}

bool fill_signer(PKCS7_SIGNER_INFO* signer,
                 X509* leaf,
                 const Algorithm& algorithm,
                 const PreparedCms& prepared,
                 const Bytes& signature) {
    auto attributes = decode(prepared.signed_attributes);
    if (!attributes || ASN1_INTEGER_set(signer->version, 1) != 1 ||
        X509_NAME_set(&signer->issuer_and_serial->issuer, X509_get_issuer_name(leaf)) != 1) {
        return false;
    }
    ASN1_INTEGER_free(signer->issuer_and_serial->serial);
    signer->issuer_and_serial->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(leaf));
    pki::set_digest_algorithm(signer->digest_alg, algorithm.digest);
    signer->auth_attr = attributes.release();
    return pki::set_signature_algorithm(signer->digest_enc_alg, algorithm) &&
           ASN1_OCTET_STRING_set(
               signer->enc_digest, signature.data(), static_cast<int>(signature.size())) == 1;
}

bool set_content(PKCS7* cms, const Bytes* content) {
    if (content == nullptr) {
        return PKCS7_set_detached(cms, 1) == 1;
    }
    return ASN1_OCTET_STRING_set(cms->d.sign->contents->d.data,
                                 content->data(),
                                 static_cast<int>(content->size())) == 1;
}

}  // namespace

Result<PreparedCms> prepare_cms(const Bytes& document_hash,
                                const Bytes& certificate,
                                const Algorithm& algorithm,
                                std::optional<std::int64_t> signing_time_ms) {
    const auto* digest = openssl::message_digest(algorithm.digest);
    auto leaf = pki::parsed_certificate(certificate);
    if (!leaf) {
        return Error{ErrorKind::invalid, "the signer's certificate cannot be read"};
    }
    if (document_hash.size() != hsm::protocol::digest_length(algorithm.digest)) {
        return Error{ErrorKind::invalid, "the document's hash has another length than the digest"};
    }
    AttributesPtr attributes(sk_X509_ATTRIBUTE_new_null());
    if (!add(attributes.get(),
             NID_pkcs9_contentType,
             V_ASN1_OBJECT,
             OBJ_nid2obj(NID_pkcs7_data),
             -1) ||
        !add(attributes.get(),
             NID_pkcs9_messageDigest,
             V_ASN1_OCTET_STRING,
             document_hash.data(),
             static_cast<int>(document_hash.size())) ||
        (signing_time_ms && !add_signing_time(attributes.get(), *signing_time_ms)) ||
        !add_signing_certificate(attributes.get(), leaf.get(), digest) ||
        !add_algorithm_protection(attributes.get(), algorithm)) {
        return broken("signed attributes");
    }
    PreparedCms prepared;
    prepared.signed_attributes = encode(attributes.get());
    if (prepared.signed_attributes.empty()) {
        return broken("signed attributes cannot be encoded");
    }
    prepared.hash = openssl::digest_of(prepared.signed_attributes, algorithm.digest);
    return prepared;
}

Result<Bytes> finish_cms(const PreparedCms& prepared,
                         const Algorithm& algorithm,
                         const Bytes& signature,
                         const std::vector<Bytes>& chain,
                         const Bytes* content) {
    auto leaf = chain.empty() ? nullptr : pki::parsed_certificate(chain.front());
    if (!leaf ||
        !pki::verify_signature(
            X509_get0_pubkey(leaf.get()), algorithm, prepared.signed_attributes, signature)) {
        return broken("the signature does not verify under the certificate's key");
    }
    openssl::Pkcs7Ptr cms(PKCS7_new());
    if (!cms || PKCS7_set_type(cms.get(), NID_pkcs7_signed) != 1 ||
        PKCS7_content_new(cms.get(), NID_pkcs7_data) != 1 || !set_content(cms.get(), content)) {
        return broken("SignedData");
    }
    auto* signer = PKCS7_SIGNER_INFO_new();
    // PKCS7_add_signer() takes the signer's digest algorithm up into SignedData and owns it after.
    if (!fill_signer(signer, leaf.get(), algorithm, prepared, signature) ||
        PKCS7_add_signer(cms.get(), signer) != 1) {
        PKCS7_SIGNER_INFO_free(signer);
        return broken("SignerInfo");
    }
    for (const auto& der : chain) {
        auto certificate = pki::parsed_certificate(der);
        if (!certificate || PKCS7_add_certificate(cms.get(), certificate.get()) != 1) {
            return broken("certificate of the chain");
        }
    }
    auto der = openssl::to_der(cms.get(), i2d_PKCS7);
    if (der.empty()) {
        return broken("SignedData cannot be encoded");
    }
    return der;
}

}  // namespace cloudsign::document
