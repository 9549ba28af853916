#include "cloudsign/document/cms_contents.h"

#include <openssl/cms.h>
#include <openssl/err.h>

#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::document {
namespace {

namespace openssl = hsm::openssl;
using hsm::protocol::DigestAlgorithm;

using CmsPtr = std::unique_ptr<CMS_ContentInfo, openssl::Freed<CMS_ContentInfo_free>>;

// Also takes what went wrong off OpenSSL's queue.
Error invalid(std::string detail) {
    ERR_clear_error();
    return {ErrorKind::invalid, std::move(detail)};
}

std::optional<DigestAlgorithm> digest_of_signer(CMS_SignerInfo* signer) {
    X509_ALGOR* digest = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest, nullptr);
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, digest);
    switch (OBJ_obj2nid(object)) {
        case NID_sha256:
            return DigestAlgorithm::sha256;
        case NID_sha384:
            return DigestAlgorithm::sha384;
        case NID_sha512:
            return DigestAlgorithm::sha512;
        default:
            return std::nullopt;
    }
}

Bytes bytes_of_string(const ASN1_STRING* string) {
    const auto* begin = ASN1_STRING_get0_data(string);
    return {begin, begin + ASN1_STRING_length(string)};
}

Bytes first_timestamp(CMS_SignerInfo* signer) {
    const int at = CMS_unsigned_get_attr_by_NID(signer, NID_id_smime_aa_timeStampToken, -1);
    auto* attribute = at < 0 ? nullptr : CMS_unsigned_get_attr(signer, at);
    const auto* value = attribute != nullptr ? X509_ATTRIBUTE_get0_type(attribute, 0) : nullptr;
    return value != nullptr && value->type == V_ASN1_SEQUENCE
               ? bytes_of_string(value->value.sequence)
               : Bytes();
}

std::vector<Bytes> certificates_in(CMS_ContentInfo* cms) {
    std::vector<Bytes> certificates;
    auto* stack = CMS_get1_certs(cms);
    for (int i = 0; i < sk_X509_num(stack); ++i) {
        certificates.push_back(openssl::to_der(sk_X509_value(stack, i), i2d_X509));
    }
    sk_X509_pop_free(stack, X509_free);
    return certificates;
}

}  // namespace

struct CmsContents::Parsed {
    CmsPtr cms;
    CMS_SignerInfo* signer = nullptr;  // the one that it has
};

CmsContents::CmsContents() : parsed_(std::make_unique<Parsed>()) {}
CmsContents::CmsContents(CmsContents&&) noexcept = default;
CmsContents& CmsContents::operator=(CmsContents&&) noexcept = default;
CmsContents::~CmsContents() = default;

hsm::ByteView der_object(hsm::ByteView bytes) {
    const unsigned char* at = bytes.data();
    long size = 0;
    int tag = 0;
    int object_class = 0;
    const int read =
        ASN1_get_object(&at, &size, &tag, &object_class, static_cast<long>(bytes.size()));
    ERR_clear_error();
    constexpr int failed = 0x80;
    constexpr int indefinite = 0x01;
    if ((read & (failed | indefinite)) != 0) {
        return {};
    }
    return bytes.first(static_cast<std::size_t>(at - bytes.data()) +
                       static_cast<std::size_t>(size));
}

Result<CmsContents> CmsContents::read(hsm::ByteView der) {
    CmsContents contents;
    auto& parsed = *contents.parsed_;
    parsed.cms = openssl::from_der<CmsPtr>(der_object(der), d2i_CMS_ContentInfo);
    auto* signers = parsed.cms ? CMS_get0_SignerInfos(parsed.cms.get()) : nullptr;
    if (sk_CMS_SignerInfo_num(signers) != 1) {
        return invalid("the signature is no CMS of one signer");
    }
    parsed.signer = sk_CMS_SignerInfo_value(signers, 0);
    const auto digest = digest_of_signer(parsed.signer);
    X509* certificate = nullptr;
    CMS_set1_signers_certs(parsed.cms.get(), nullptr, 0);
    CMS_SignerInfo_get0_algs(parsed.signer, nullptr, &certificate, nullptr, nullptr);
    if (!digest || certificate == nullptr) {
        return invalid("the signature has a digest that is not known here, or no certificate");
    }
    contents.digest_ = *digest;
    contents.signer_ = openssl::to_der(certificate, i2d_X509);
    contents.certificates_ = certificates_in(parsed.cms.get());
    contents.signature_ = bytes_of_string(CMS_SignerInfo_get0_signature(parsed.signer));
    contents.timestamp_ = first_timestamp(parsed.signer);
    ERR_clear_error();
    return contents;
}

Result<void> CmsContents::check(const Bytes& document_hash) const {
    auto* signer = parsed_->signer;
    const auto* named = static_cast<const ASN1_OCTET_STRING*>(CMS_signed_get0_data_by_OBJ(
        signer, OBJ_nid2obj(NID_pkcs9_messageDigest), -3, V_ASN1_OCTET_STRING));
    if (named == nullptr || !hsm::equal(bytes_of_string(named), document_hash)) {
        return invalid("the document is not the one that was signed");
    }
    if (CMS_SignerInfo_verify(signer) != 1) {
        return invalid("the signature does not verify under its certificate");
    }
    return {};
}

Result<Bytes> CmsContents::with_timestamp(const Bytes& token) const {
    const auto bytes = openssl::to_der(parsed_->cms.get(), i2d_CMS_ContentInfo);
    TRY_ASSIGN(const auto copy, read(bytes));
    auto* signer = copy.parsed_->signer;
    if (CMS_unsigned_add1_attr_by_NID(signer,
                                      NID_id_smime_aa_timeStampToken,
                                      V_ASN1_SEQUENCE,
                                      token.data(),
                                      static_cast<int>(token.size())) != 1) {
        return invalid("the time-stamp does not go into the signature");
    }
    return openssl::to_der(copy.parsed_->cms.get(), i2d_CMS_ContentInfo);
}

}  // namespace cloudsign::document
