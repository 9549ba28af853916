#include "cloudsign/pki/timestamp.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>

#include "cloudsign/fault_text.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;
using openssl::Freed;

using RequestPtr = std::unique_ptr<TS_REQ, Freed<TS_REQ_free>>;
using ResponsePtr = std::unique_ptr<TS_RESP, Freed<TS_RESP_free>>;
using ImprintPtr = std::unique_ptr<TS_MSG_IMPRINT, Freed<TS_MSG_IMPRINT_free>>;
using VerifyPtr = std::unique_ptr<TS_VERIFY_CTX, Freed<TS_VERIFY_CTX_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;

constexpr std::size_t nonce_max = 32;

Error broken(std::string_view what) {
    ERR_clear_error();
    return {ErrorKind::internal, "time-stamp request: " + std::string(what), 0};
}

// OpenSSL's words for what is wrong with an answer.
Error refused() {
    const auto code = ERR_peek_last_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    Error error{ErrorKind::unavailable,
                "the time-stamping authority's answer does not stand: " +
                    std::string(reason != nullptr ? reason : "malformed"),
                0};
    ERR_clear_error();
    return error;
}

// Nothing when it granted one.
std::optional<Error> refusal_of(TS_RESP* answer) {
    const auto* info = TS_RESP_get_status_info(answer);
    const auto status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
    if (status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS) {
        return std::nullopt;
    }
    std::string words;
    const auto* texts = TS_STATUS_INFO_get0_text(info);
    for (int i = 0; i < sk_ASN1_UTF8STRING_num(texts); ++i) {
        const auto* text = sk_ASN1_UTF8STRING_value(texts, i);
        const auto* bytes = ASN1_STRING_get0_data(text);
        words += i == 0 ? "" : "; ";
        words.append(bytes, bytes + ASN1_STRING_length(text));
    }
    constexpr std::size_t words_max = 200;
    return Error{ErrorKind::unavailable,
                 "the time-stamping authority refuses (PKIStatus " + std::to_string(status) + ")" +
                     (words.empty() ? "" : ": " + fault_text(words, words_max)),
                 0};
}

StorePtr read_authorities(const std::string& pem) {
    StorePtr store(X509_STORE_new());
    const openssl::BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    bool any = false;
    while (store && in) {
        const openssl::X509Ptr one(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
        if (!one) {
            break;
        }
        any = X509_STORE_add_cert(store.get(), one.get()) == 1 || any;
    }
    ERR_clear_error();
    return any ? std::move(store) : nullptr;
}

bool fill(TS_REQ* request, TS_MSG_IMPRINT* imprint, const EVP_MD* digest, const Bytes& hash) {
    const openssl::X509AlgorPtr algorithm(X509_ALGOR_new());
    if (!algorithm) {
        return false;
    }
    X509_ALGOR_set_md(algorithm.get(), digest);
    return TS_MSG_IMPRINT_set_algo(imprint, algorithm.get()) == 1 &&
           TS_MSG_IMPRINT_set_msg(imprint,
                                  const_cast<unsigned char*>(hash.data()),  // NOLINT: only read
                                  static_cast<int>(hash.size())) == 1 &&
           TS_REQ_set_version(request, 1) == 1 && TS_REQ_set_msg_imprint(request, imprint) == 1 &&
           TS_REQ_set_cert_req(request, 1) == 1;
}

}  // namespace

Result<TimestampQuestion> ask_timestamp(hsm::protocol::DigestAlgorithm digest,
                                        const Bytes& hash,
                                        const Bytes& nonce) {
    if (hash.size() != hsm::protocol::digest_length(digest)) {
        return Error{ErrorKind::invalid, "Invalid digest value length"};
    }
    if (nonce.empty() || nonce.size() > nonce_max) {
        return Error{ErrorKind::invalid, "Invalid parameter nonce"};
    }
    const RequestPtr request(TS_REQ_new());
    const ImprintPtr imprint(TS_MSG_IMPRINT_new());
    if (!request || !imprint ||
        !fill(request.get(), imprint.get(), openssl::message_digest(digest), hash)) {
        return broken("message imprint");
    }
    const openssl::BignumPtr number(
        BN_bin2bn(nonce.data(), static_cast<int>(nonce.size()), nullptr));
    const openssl::Asn1IntegerPtr integer(BN_to_ASN1_INTEGER(number.get(), nullptr));
    if (!integer || TS_REQ_set_nonce(request.get(), integer.get()) != 1) {
        return broken("nonce");
    }
    TimestampQuestion question{openssl::to_der(request.get(), i2d_TS_REQ)};
    if (question.request.empty()) {
        return broken("cannot be encoded");
    }
    return question;
}

Result<Bytes> read_timestamp(const Bytes& response,
                             const TimestampQuestion& question,
                             const std::string& authorities) {
    const auto answer = openssl::from_der<ResponsePtr>(response, d2i_TS_RESP);
    const auto request = openssl::from_der<RequestPtr>(question.request, d2i_TS_REQ);
    auto store = read_authorities(authorities);
    if (!store) {
        return Error{ErrorKind::invalid, "no certificate of a time-stamping authority"};
    }
    if (!answer || !request) {
        return refused();
    }
    if (auto refusal = refusal_of(answer.get())) {
        return *std::move(refusal);
    }
    // Version, policy, imprint and nonce as asked for; the signature beside them.
    const VerifyPtr context(TS_REQ_to_TS_VERIFY_CTX(request.get(), nullptr));
    if (!context) {
        return broken("cannot be checked");
    }
    TS_VERIFY_CTX_add_flags(context.get(), TS_VFY_SIGNATURE);
    TS_VERIFY_CTX_set_store(context.get(), store.release());  // owned by the context
    if (TS_RESP_verify_response(context.get(), answer.get()) != 1) {
        return refused();
    }
    auto token = openssl::to_der(TS_RESP_get_token(answer.get()), i2d_PKCS7);
    if (token.empty()) {
        return refused();
    }
    return token;
}

}  // namespace cloudsign::pki
