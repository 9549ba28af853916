#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

// The status of a certificate as its authority tells it: asked for, and every answer checked.
namespace cloudsign::pki {

// What its certificate names, http and https alone.
struct StatusAddresses {
    std::vector<std::string> ocsp;   // RFC 5280 §4.2.2.1
    std::vector<std::string> lists;  // §4.2.1.13: of whole lists by the issuer itself
    bool is_never_asked = false;     // RFC 6960 §4.2.2.2.1: id-pkix-ocsp-nocheck
};
Result<StatusAddresses> status_addresses(const Bytes& certificate);

// OCSPRequest, DER, about one certificate. The nonce has 1 to 32 bytes.
Result<Bytes> ask_status(const Bytes& certificate, const Bytes& issuer, const Bytes& nonce);

// An answer that says "good" and stands.
struct GoodStatus {
    std::int64_t this_update_ms = 0;
    std::int64_t next_update_ms = 0;  // this_update_ms where none is named
    Bytes responder;                  // of an OCSP answer: the certificate that it is signed with
};

// Checked are: the responder (the issuer, or whom the issuer has named for that, RFC 6960
// §4.2.2.2), its signature, and that it speaks of this certificate. `request`: what was asked,
// whose nonce an answer must not contradict; without it the answer is an old one. Looked at as of
// `at_ms`, or of the time when it was made. `credential_disabled` when the certificate is revoked,
// `unavailable` when the answer does not stand, in words.
Result<GoodStatus> check_ocsp_answer(const Bytes& response,
                                     const Bytes& certificate,
                                     const Bytes& issuer,
                                     const Bytes* request,
                                     std::optional<std::int64_t> at_ms);

// The same of a list of the issuer's (RFC 5280 §6.3).
Result<GoodStatus> check_revocation_list(const Bytes& list,
                                         const Bytes& certificate,
                                         const Bytes& issuer,
                                         std::optional<std::int64_t> at_ms);

}  // namespace cloudsign::pki
