#pragma once

#include "cloudsign/evidence/fetch.h"
#include "cloudsign/verify/certificates.h"

// Whether a certificate was revoked, by what OCSP (RFC 6960) and lists (RFC 5280) say.
namespace cloudsign::verify {

enum class Standing { unknown, of_another, stale, good, revoked, on_hold };

struct Status {
    Standing standing = Standing::unknown;
    StatusReport report;
};

// What `evidence` says of `certificate`, issued by `issuer`, about `time_ms`: an answer given later
// holds for it too. `pool`: where certificates of those who answer may be.
Status status_by(X509* certificate,
                 X509* issuer,
                 std::int64_t time_ms,
                 const Evidence& evidence,
                 const CertificatePool& pool);

// What the places that `certificate` names say; one OCSP answer and one list at most.
Evidence ask_for_status(X509* certificate, X509* issuer, const evidence::Fetch& fetch);

}  // namespace cloudsign::verify
