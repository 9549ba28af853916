#include "cloudsign/pki/timestamp_token.h"

#include <openssl/err.h>
#include <openssl/ts.h>

#include "cloudsign/pki/asn1_time.h"
#include "cloudsign/pki/certificate_store.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

using InfoPtr = std::unique_ptr<TS_TST_INFO, openssl::Freed<TS_TST_INFO_free>>;
using VerifyPtr = std::unique_ptr<TS_VERIFY_CTX, openssl::Freed<TS_VERIFY_CTX_free>>;

Error wrong(std::string detail) {
    const auto code = ERR_peek_last_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    detail += reason != nullptr ? std::string(" (") + reason + ")" : "";
    ERR_clear_error();
    return {ErrorKind::unavailable, std::move(detail)};
}

Bytes signer_of(PKCS7* token) {
    STACK_OF(X509)* signers = PKCS7_get0_signers(token, nullptr, 0);
    auto der =
        sk_X509_num(signers) == 1 ? openssl::to_der(sk_X509_value(signers, 0), i2d_X509) : Bytes();
    sk_X509_free(signers);
    return der;
}

bool is_imprint_of(const TimestampToken& token, std::span<const hsm::ByteView> message) {
    const EVP_MD* digest = EVP_get_digestbyname(token.digest.c_str());
    const openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    // RFC 3161 knows no weak ones; we do.
    if (digest == nullptr || EVP_MD_get_size(digest) < 32 ||
        EVP_DigestInit_ex(context.get(), digest, nullptr) != 1) {
        return false;
    }
    for (const auto part : message) {
        CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
    }
    Bytes hash(static_cast<std::size_t>(EVP_MD_get_size(digest)));
    CHECK(EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) == 1);
    return hsm::equal(hash, token.imprint);
}

}  // namespace

Result<TimestampToken> read_timestamp_token(const Bytes& bytes) {
    const auto parsed = openssl::from_der<openssl::Pkcs7Ptr>(bytes, d2i_PKCS7);
    const InfoPtr info(parsed ? PKCS7_to_TS_TST_INFO(parsed.get()) : nullptr);
    if (!info) {
        ERR_clear_error();
        return Error{ErrorKind::invalid, "it is no time-stamp token"};
    }
    TimestampToken token;
    token.time_ms = to_ms(TS_TST_INFO_get_time(info.get()));
    auto* imprint = TS_TST_INFO_get_msg_imprint(info.get());
    const auto* hash = TS_MSG_IMPRINT_get_msg(imprint);
    const auto* begin = ASN1_STRING_get0_data(hash);
    token.imprint.assign(begin, begin + ASN1_STRING_length(hash));
    const ASN1_OBJECT* digest = nullptr;
    X509_ALGOR_get0(&digest, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
    const char* name = OBJ_nid2sn(OBJ_obj2nid(digest));
    token.digest = name != nullptr ? name : "";
    token.signer = signer_of(parsed.get());
    const auto* inside = parsed->d.sign->cert;
    for (int i = 0; i < sk_X509_num(inside); ++i) {
        token.certificates.push_back(openssl::to_der(sk_X509_value(inside, i), i2d_X509));
    }
    ERR_clear_error();
    if (token.signer.empty()) {
        return Error{ErrorKind::invalid, "the time-stamp holds no certificate of its authority"};
    }
    return token;
}

Result<TimestampToken> check_timestamp_token(const Bytes& bytes,
                                             std::span<const hsm::ByteView> message,
                                             const std::vector<Bytes>& anchors) {
    TRY_ASSIGN(auto token, read_timestamp_token(bytes));
    if (!is_imprint_of(token, message)) {
        return wrong("the time-stamp is of something else: its imprint is another");
    }
    const auto parsed = openssl::from_der<openssl::Pkcs7Ptr>(bytes, d2i_PKCS7);
    const VerifyPtr context(TS_VERIFY_CTX_new());
    TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE);
    // Owned by the context from then on.
    TS_VERIFY_CTX_set_store(context.get(), store_of(anchors, token.time_ms).release());
    if (TS_RESP_verify_token(context.get(), parsed.get()) != 1) {
        return wrong("the time-stamp does not stand");
    }
    ERR_clear_error();
    return token;
}

}  // namespace cloudsign::pki
