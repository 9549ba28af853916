#include "cloudsign/external_ca/cmp_words.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <openssl/err.h>

#include "cloudsign/fault_text.h"
#include "hsm/base/bytes.h"

namespace cloudsign::external_ca {
namespace {

constexpr std::size_t words_size_max = 400;

// PKIFailureInfo by bit (RFC 4210 §5.2.3), by its name and in words.
constexpr std::array<std::string_view, OSSL_CMP_PKIFAILUREINFO_MAX + 1> failure_names = {
    "badAlg: it does not know the algorithm",
    "badMessageCheck: our message's protection does not hold there",
    "badRequest: it does not do that",
    "badTime: our clock and its are too far apart",
    "badCertId: it does not know the certificate",
    "badDataFormat: it cannot read the request",
    "wrongAuthority: it is not the authority that is asked for",
    "incorrectData: what the request says is wrong",
    "missingTimeStamp: a time-stamp is missing",
    "badPOP: the request is not signed by the key that it is for",
    "certRevoked: the certificate is revoked already",
    "certConfirmed: the certificate is confirmed already",
    "wrongIntegrity: it wants a signature instead of a secret, or a secret instead of a signature",
    "badRecipientNonce: our message does not follow its last one",
    "timeNotAvailable: it has no time source",
    "unacceptedPolicy: it does not know the policy",
    "unacceptedExtension: it does not take an extension of the request",
    "addInfoNotAvailable: it does not have what else was asked for",
    "badSenderNonce: our message has no usable nonce",
    "badCertTemplate: it does not issue such a certificate",
    "signerNotTrusted: it does not trust our certificate",
    "transactionIdInUse: the transaction is already there",
    "unsupportedVersion: it does not speak this version of CMP",
    "notAuthorized: we may not ask for that",
    "systemUnavail: it is out of order",
    "systemFailure: it has failed",
    "duplicateCertReq: there is such a certificate already"};

struct Meaning {
    int reason;
    ErrorKind kind;
    std::string_view words;
};

// The more telling first: one failure leaves several of these behind.
constexpr Meaning meanings[] = {
    {CMP_R_CERT_AND_KEY_DO_NOT_MATCH,
     ErrorKind::invalid,
     "our certificate and our key for CMP do not belong together"},
    {CMP_R_UNSUPPORTED_KEY_TYPE, ErrorKind::invalid, "our key for CMP must be an RSA or an EC key"},
    {CMP_R_MISSING_SENDER_IDENTIFICATION,
     ErrorKind::invalid,
     "a shared secret needs the reference that the authority knows it by"},
    {CMP_R_TRANSACTIONID_UNMATCHED,
     ErrorKind::unavailable,
     "the answer belongs to another transaction: somebody replays old answers, or mixes them up"},
    {CMP_R_RECIPNONCE_UNMATCHED,
     ErrorKind::unavailable,
     "the answer is not to our message: somebody replays old answers, or mixes them up"},
    {CMP_R_WRONG_PBM_VALUE,
     ErrorKind::unavailable,
     "the answer does not stand under our secret: compare reference and secret with what the "
     "authority has"},
    {CMP_R_MISSING_SECRET,
     ErrorKind::unavailable,
     "the answer is protected by a shared secret, and we use a certificate: the authority must "
     "sign its answers"},
    {CMP_R_MISSING_TRUST_ANCHOR,
     ErrorKind::unavailable,
     "the answer is signed, and there is no anchor to check that with: configure one"},
    {CMP_R_NO_SUITABLE_SENDER_CERT,
     ErrorKind::unavailable,
     "the answer is not signed by who may: the signer's certificate must be valid, for digital "
     "signatures, chain to a configured anchor and be an authority's, or the configured "
     "recipient's"},
    {CMP_R_MISSING_PROTECTION,
     ErrorKind::unavailable,
     "the answer is not protected: have the authority protect all of them, also errors"},
    {CMP_R_ERROR_VALIDATING_PROTECTION,
     ErrorKind::unavailable,
     "the answer's protection cannot be checked"},
    {CMP_R_UNEXPECTED_PVNO,
     ErrorKind::unavailable,
     "the authority speaks another version of CMP than 2 (RFC 4210)"},
    {CMP_R_MULTIPLE_RESPONSES_NOT_SUPPORTED,
     ErrorKind::unavailable,
     "the authority answers more than one request, where one was made"},
    {CMP_R_UNEXPECTED_PKIBODY,
     ErrorKind::unavailable,
     "the authority answers another question than was asked"},
    {CMP_R_WRONG_SERIAL_IN_RP,
     ErrorKind::unavailable,
     "the authority says that it has revoked another certificate: ask it which one"},
    {CMP_R_WRONG_CERTID_IN_RP,
     ErrorKind::unavailable,
     "the authority says that it has revoked another certificate: ask it which one"},
};

bool has(const std::vector<CmpFault>& faults, int reason) {
    return std::ranges::find(faults, reason, &CmpFault::reason) != faults.end();
}

void append(std::string& text, std::string_view more) {
    text += text.empty() ? "" : "; ";
    text += more;
}

}  // namespace

std::vector<CmpFault> take_cmp_faults() {
    std::vector<CmpFault> faults;
    const char* about = nullptr;
    int flags = 0;
    while (const auto code = ERR_get_error_all(nullptr, nullptr, nullptr, &about, &flags)) {
        const char* words = ERR_reason_error_string(code);
        CmpFault fault;
        fault.reason = ERR_GET_LIB(code) == ERR_LIB_CMP ? ERR_GET_REASON(code) : 0;
        fault.detail = words != nullptr ? words : "unknown";
        if ((flags & ERR_TXT_STRING) != 0 && *about != '\0') {
            fault.detail += std::string(": ") + about;
        }
        faults.push_back(std::move(fault));
    }
    return faults;
}

bool says_no(const std::vector<CmpFault>& faults) {
    return has(faults, CMP_R_REQUEST_REJECTED_BY_SERVER) || has(faults, CMP_R_RECEIVED_ERROR);
}

std::string words_of_refusal(const OSSL_CMP_CTX* context) {
    std::string said;
    const auto* texts = OSSL_CMP_CTX_get0_statusString(context);
    for (int i = 0; i < sk_ASN1_UTF8STRING_num(texts); ++i) {
        const auto* text = sk_ASN1_UTF8STRING_value(texts, i);
        append(said,
               hsm::text_of({ASN1_STRING_get0_data(text),
                             static_cast<std::size_t>(ASN1_STRING_length(text))}));
    }
    std::string failures;
    const int bits = OSSL_CMP_CTX_get_failInfoCode(context);
    for (std::size_t i = 0; bits > 0 && i < failure_names.size(); ++i) {
        if ((bits & (1 << i)) != 0) {
            append(failures, failure_names[i]);
        }
    }
    append(failures, fault_text(said, words_size_max));
    return failures.empty() ? "the authority does not say why" : failures;
}

bool names_failure(const OSSL_CMP_CTX* context, int failures) {
    const int named = OSSL_CMP_CTX_get_failInfoCode(context);  // -1: none
    return named > 0 && (named & failures) != 0;
}

Error error_of(const std::vector<CmpFault>& faults) {
    for (const auto& meaning : meanings) {
        if (has(faults, meaning.reason)) {
            return {meaning.kind, std::string(meaning.words)};
        }
    }
    const auto detail = faults.empty() ? std::string("no reason known") : faults.back().detail;
    return {ErrorKind::unavailable,
            "the authority's answer cannot be used: " + fault_text(detail, words_size_max)};
}

}  // namespace cloudsign::external_ca
