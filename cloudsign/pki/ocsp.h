#pragma once

#include <string>
#include <vector>

#include "cloudsign/pki/revocation_list.h"

// Answers about the status of certificates (RFC 6960).
namespace cloudsign::pki {

// One certificate that somebody asks about.
struct StatusQuestion {
    bool of_issuer = false;     // name and key hash are our issuer's
    std::string serial_number;  // as CertificateFacts has it
    Bytes certificate_id;       // CertID, DER: answered as it was asked
};

struct OcspRequest {
    std::vector<StatusQuestion> questions;
    Bytes nonce;  // RFC 8954: 1 to 32 bytes; empty: none
};

constexpr std::size_t ocsp_questions_max = 16;
constexpr std::size_t ocsp_request_size_max = 4096;

// `invalid` for what is no request, asks too much, or has a critical extension that nobody knows. A
// signature on it is not looked at: we answer everybody.
Result<OcspRequest> read_ocsp_request(hsm::ByteView der, const Bytes& issuer);

enum class CertificateStatus { good, revoked, unknown };
struct StatusAnswer {
    Bytes certificate_id;
    CertificateStatus status = CertificateStatus::unknown;
    std::int64_t revoked_at_ms = 0;
    RevocationReason reason = RevocationReason::unspecified;
};

struct OcspAnswers {
    Bytes responder;  // its certificate, DER: sent along
    std::vector<StatusAnswer> answers;
    Bytes nonce;
    std::int64_t this_update_ms = 0;
    std::int64_t next_update_ms = 0;
};

// OCSPResponse, DER, signed by the responder's key. Errors as sign_revocation_list()'s.
Result<Bytes> sign_ocsp_answers(const SigningContext& context,
                                ExternalSigner& signer,
                                const OcspAnswers& answers);

// RFC 6960 §4.2.1: answers that nobody signs.
enum class OcspFailure {
    malformed_request = 1,
    internal_error = 2,
    try_later = 3,
    unauthorized = 6
};
Bytes ocsp_failure(OcspFailure failure);

}  // namespace cloudsign::pki
