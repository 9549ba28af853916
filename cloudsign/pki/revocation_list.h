#pragma once

#include <string>
#include <vector>

#include "cloudsign/pki/signing_context.h"

namespace cloudsign::pki {

// RFC 5280 §5.3.1, those that may be asked for. Numbers are the standard's.
enum class RevocationReason {
    unspecified = 0,
    key_compromise = 1,
    affiliation_changed = 3,
    superseded = 4,
    cessation_of_operation = 5,
    certificate_hold = 6,
    privilege_withdrawn = 9
};
// nullopt for a name that is none ("keyCompromise").
std::optional<RevocationReason> revocation_reason_named(std::string_view name);
std::string_view revocation_reason_name(RevocationReason reason);

struct RevokedCertificate {
    std::string serial_number;  // hexadecimal, as CertificateFacts has it
    std::int64_t revoked_at_ms = 0;
    RevocationReason reason = RevocationReason::unspecified;
};

struct RevocationListRequest {
    Bytes issuer;             // its certificate, DER
    std::int64_t number = 1;  // RFC 5280 §5.2.3: one more each time
    std::int64_t this_update_ms = 0;
    std::int64_t next_update_ms = 0;
    std::vector<RevokedCertificate> revoked;
};

// A CRL (v2, DER) signed by the issuer's key. What the signer says on its refusal; `internal` when
// OpenSSL cannot build the list, or the signature does not verify under the issuer's certificate.
Result<Bytes> sign_revocation_list(const SigningContext& context,
                                   ExternalSigner& signer,
                                   const RevocationListRequest& request);

}  // namespace cloudsign::pki
