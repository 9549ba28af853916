#include "cloudsign/verify/cms.h"

#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/objects.h>

#include "hsm/openssl/der.h"

namespace cloudsign::verify {
namespace {

namespace openssl = hsm::openssl;
using openssl::Freed;

using SigningV1Ptr = std::unique_ptr<ESS_SIGNING_CERT, Freed<ESS_SIGNING_CERT_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Freed<ASN1_OBJECT_free>>;

constexpr const char* algorithm_protection_oid = "1.2.840.113549.1.9.52";  // RFC 6211
constexpr const char* adobe_revocation_oid = "1.2.840.113583.1.1.8";
constexpr const char* revocation_values_oid = "1.2.840.113549.1.9.16.2.24";
constexpr std::size_t write_max = 1 << 30;

ObjectPtr object(const char* oid) {
    return ObjectPtr(OBJ_txt2obj(oid, 1));
}

std::string long_name(const ASN1_OBJECT* type) {
    char text[80] = "";
    OBJ_obj2txt(text, sizeof text, type, 0);
    return text;
}

// The only value of an attribute that comes once; empty: there is none, or more than one.
Bytes only_value(X509_ATTRIBUTE* attribute) {
    if (attribute == nullptr || X509_ATTRIBUTE_count(attribute) != 1) {
        return {};
    }
    return openssl::to_der(X509_ATTRIBUTE_get0_type(attribute, 0), i2d_ASN1_TYPE);
}

Bytes signed_value(CMS_SignerInfo* signer, const ASN1_OBJECT* type) {
    const int at = CMS_signed_get_attr_by_OBJ(signer, type, -1);
    return at < 0 ? Bytes() : only_value(CMS_signed_get_attr(signer, at));
}

Bytes unsigned_value(CMS_SignerInfo* signer, const ASN1_OBJECT* type) {
    const int at = CMS_unsigned_get_attr_by_OBJ(signer, type, -1);
    return at < 0 ? Bytes() : only_value(CMS_unsigned_get_attr(signer, at));
}

// Both RevocationInfoArchival of Adobe and RevocationValues of ETSI: [0] lists, [1] OCSP answers.
void read_revocation(const Bytes& der, Evidence& evidence) {
    for (const auto& part : elements_of(der)) {
        for (auto& one : elements_of(inside_of(part))) {
            if (part.front() == 0xa0) {
                evidence.add_list(std::move(one));
            } else if (part.front() == 0xa1) {
                evidence.add_answer(std::move(one));
            }
        }
    }
}

Bytes sequence_of(const Bytes& inside) {
    const auto size = static_cast<int>(inside.size());
    Bytes der(static_cast<std::size_t>(ASN1_object_size(1, size, V_ASN1_SEQUENCE)));
    auto* at = der.data();
    ASN1_put_object(&at, 1, size, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    std::copy(inside.begin(), inside.end(), at);
    return der;
}

// A SigningCertificate with its first name, the signer's. Those behind it name the chain, which is
// judged by itself.
Bytes first_alone(const Bytes& signing_certificate) {
    const auto parts = elements_of(signing_certificate);
    const auto names = parts.empty() ? std::vector<Bytes>() : elements_of(parts.front());
    return names.empty() ? Bytes() : sequence_of(sequence_of(names.front()));
}

class SignerReader {
public:
    SignerReader(CMS_ContentInfo* cms, CMS_SignerInfo* info) : cms_(cms), info_(info) {
        CMS_SignerInfo_get0_algs(info_, &key_, &certificate_, &digest_, &algorithm_);
    }

    CheckedSigner check(const Content& content) {
        read_facts();
        if (certificate_ == nullptr) {
            add(Code::certificate_missing);
        } else {
            X509_up_ref(certificate_);
            checked_.certificate.reset(certificate_);
        }
        const bool is_whole = check_content(content);
        const bool is_signed = certificate_ != nullptr && check_signature();
        const bool is_named = certificate_ == nullptr || check_names();
        checked_.is_intact = is_whole && is_signed && is_named && check_protection();
        ERR_clear_error();
        return std::move(checked_);
    }

private:
    bool has_attributes() const { return CMS_signed_get_attr_count(info_) >= 0; }

    bool add(Code code, std::string detail = "") {
        checked_.findings.push_back({code, std::move(detail)});
        return false;
    }

    void read_facts() {
        const auto* value = CMS_SignerInfo_get0_signature(info_);
        checked_.signature.assign(value->data, value->data + value->length);
        const ASN1_OBJECT* type = nullptr;
        X509_ALGOR_get0(&type, nullptr, nullptr, digest_);
        checked_.digest_algorithm = long_name(type);
        const int digest = OBJ_obj2nid(type);
        X509_ALGOR_get0(&type, nullptr, nullptr, algorithm_);
        checked_.signature_algorithm = long_name(type);
        if (!is_strong_digest(digest)) {
            add(Code::weak_digest, checked_.digest_algorithm);
        }
        const auto claimed = signed_value(info_, OBJ_nid2obj(NID_pkcs9_signingTime));
        const std::unique_ptr<ASN1_TIME, Freed<ASN1_TIME_free>> time(
            claimed.empty() ? nullptr : read_time(claimed));
        checked_.claimed_time_ms = to_ms(time.get());
        checked_.timestamp = unsigned_value(info_, OBJ_nid2obj(NID_id_smime_aa_timeStampToken));
        read_revocation(signed_value(info_, object(adobe_revocation_oid).get()), checked_.evidence);
        read_revocation(unsigned_value(info_, object(revocation_values_oid).get()),
                        checked_.evidence);
    }

    static ASN1_TIME* read_time(const Bytes& der) {
        const unsigned char* at = der.data();
        return d2i_ASN1_TIME(nullptr, &at, static_cast<long>(der.size()));
    }

    // Hashed by OpenSSL's BIO, piece by piece: nothing is copied.
    bool check_content(const Content& content) {
        if (has_attributes() && !check_attributes()) {
            return false;
        }
        const ASN1_OBJECT* type = nullptr;
        X509_ALGOR_get0(&type, nullptr, nullptr, digest_);
        const auto* digest = EVP_get_digestbyobj(type);
        const openssl::BioPtr hashing(BIO_new(BIO_f_md()));
        if (digest == nullptr || !hashing || BIO_set_md(hashing.get(), digest) != 1) {
            return add(Code::weak_digest, checked_.digest_algorithm);
        }
        auto* sink = BIO_new(BIO_s_null());
        BIO_push(hashing.get(), sink);
        const openssl::BioPtr owned(sink);
        for (auto part : content) {
            while (!part.empty()) {
                const auto size = std::min(part.size(), write_max);
                BIO_write(hashing.get(), part.data(), static_cast<int>(size));
                part = part.subspan(size);
            }
        }
        // Without signed attributes this is the signature itself.
        if (certificate_ == nullptr && !has_attributes()) {
            return false;
        }
        if (CMS_SignerInfo_verify_content(info_, hashing.get()) != 1) {
            return add(Code::digest_mismatch);
        }
        return true;
    }

    // RFC 5652 §11: each once, and the content's own type.
    bool check_attributes() {
        const auto type = signed_value(info_, OBJ_nid2obj(NID_pkcs9_contentType));
        const auto hash = signed_value(info_, OBJ_nid2obj(NID_pkcs9_messageDigest));
        const auto named = openssl::from_der<ObjectPtr>(type, d2i_ASN1_OBJECT);
        if (!named || hash.empty() || OBJ_cmp(named.get(), CMS_get0_eContentType(cms_)) != 0) {
            return add(Code::attributes_malformed);
        }
        return true;
    }

    bool check_signature() {
        if (!is_strong_key(key_)) {
            add(Code::weak_key);
        }
        // Without attributes, the content's check was this one.
        if (has_attributes() && CMS_SignerInfo_verify(info_) != 1) {
            return add(Code::signature_mismatch);
        }
        return true;
    }

    // RFC 5035: otherwise the certificate could be exchanged for another of the same key.
    bool check_names() {
        const auto v1 = openssl::from_der<SigningV1Ptr>(
            first_alone(signed_value(info_, OBJ_nid2obj(NID_id_smime_aa_signingCertificate))),
            d2i_ESS_SIGNING_CERT);
        const auto v2 = openssl::from_der<openssl::EssCertPtr>(
            first_alone(signed_value(info_, OBJ_nid2obj(NID_id_smime_aa_signingCertificateV2))),
            d2i_ESS_SIGNING_CERT_V2);
        if (!v1 && !v2) {
            add(Code::signing_certificate_absent);
            return true;
        }
        STACK_OF(X509)* alone = sk_X509_new_null();
        sk_X509_push(alone, certificate_);
        const bool is_it = OSSL_ESS_check_signing_certs(v1.get(), v2.get(), alone, 1) == 1;
        sk_X509_free(alone);
        checked_.names_certificate = is_it;
        return is_it || add(Code::signing_certificate_mismatch);
    }

    bool check_protection() {
        const auto der = signed_value(info_, object(algorithm_protection_oid).get());
        if (der.empty()) {
            return true;
        }
        auto parts = elements_of(der);
        if (parts.size() < 2 || parts[1].front() != 0xa1) {
            return add(Code::algorithm_protection_mismatch);
        }
        parts[1].front() = 0x30;  // [1] IMPLICIT SEQUENCE
        const auto digest = openssl::from_der<openssl::X509AlgorPtr>(parts[0], d2i_X509_ALGOR);
        const auto signature = openssl::from_der<openssl::X509AlgorPtr>(parts[1], d2i_X509_ALGOR);
        if (!digest || !signature || X509_ALGOR_cmp(digest.get(), digest_) != 0 ||
            X509_ALGOR_cmp(signature.get(), algorithm_) != 0) {
            return add(Code::algorithm_protection_mismatch);
        }
        return true;
    }

    CMS_ContentInfo* cms_;
    CMS_SignerInfo* info_;
    EVP_PKEY* key_ = nullptr;
    X509* certificate_ = nullptr;
    X509_ALGOR* digest_ = nullptr;
    X509_ALGOR* algorithm_ = nullptr;
    CheckedSigner checked_;
};

}  // namespace

std::optional<Cms> Cms::read(hsm::ByteView der, std::size_t& used) {
    const unsigned char* at = der.data();
    Pointer cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!cms || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) {
        return std::nullopt;
    }
    used = static_cast<std::size_t>(at - der.data());
    return Cms(std::move(cms));
}

std::size_t Cms::signers() const {
    auto* infos = CMS_get0_SignerInfos(cms_.get());
    return infos == nullptr ? 0 : static_cast<std::size_t>(sk_CMS_SignerInfo_num(infos));
}

std::optional<Bytes> Cms::content(const char* type) const {
    auto** content = CMS_get0_content(cms_.get());
    if (content == nullptr || *content == nullptr ||
        OBJ_cmp(CMS_get0_eContentType(cms_.get()), object(type).get()) != 0) {
        return std::nullopt;
    }
    const auto* bytes = ASN1_STRING_get0_data(*content);
    return Bytes(bytes, bytes + ASN1_STRING_length(*content));
}

void Cms::collect(CertificatePool& pool, Evidence& evidence) const {
    const pki::CertificatesPtr certificates(CMS_get1_certs(cms_.get()));
    for (int i = 0; certificates && i < sk_X509_num(certificates.get()); ++i) {
        pool.add(sk_X509_value(certificates.get(), i));
    }
    auto* lists = CMS_get1_crls(cms_.get());
    for (int i = 0; lists != nullptr && i < sk_X509_CRL_num(lists); ++i) {
        evidence.add_list(openssl::to_der(sk_X509_CRL_value(lists, i), i2d_X509_CRL));
    }
    sk_X509_CRL_pop_free(lists, X509_CRL_free);
    ERR_clear_error();
}

CheckedSigner Cms::check(std::size_t index,
                         const Content& content,
                         const CertificatePool& pool) const {
    CMS_set1_signers_certs(cms_.get(), pool.stack(), 0);
    ERR_clear_error();
    auto* info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms_.get()), static_cast<int>(index));
    return SignerReader(cms_.get(), info).check(content);
}

}  // namespace cloudsign::verify
