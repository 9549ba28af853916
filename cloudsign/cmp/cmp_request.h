#pragma once

#include <memory>
#include <optional>
#include <string>

#include <openssl/cmp.h>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "cloudsign/pki/revocation_list.h"
#include "hsm/openssl/pointers.h"

// What of a client's message (RFC 4210) OpenSSL's server leaves to us.
namespace cloudsign::cmp {

using CmpMessagePtr = std::unique_ptr<OSSL_CMP_MSG, hsm::openssl::Freed<OSSL_CMP_MSG_free>>;

// `invalid`, in words, for what is no PKIMessage, is protected by no password-based MAC
// (§5.1.3.1), or by one that takes more than 10,000 rounds: whoever does not know the secret could
// have us count them as well.
Result<CmpMessagePtr> read_request(hsm::ByteView der);

// Of its body (§5.1.2); OpenSSL keeps the names of their numbers to itself.
enum class CmpBody {
    ir = 0,
    cr = 2,
    p10cr = 4,
    kur = 7,
    rr = 11,
    pki_conf = 19,
    cert_conf = 24,
    poll_req = 25
};
bool has_body(const OSSL_CMP_MSG* message, CmpBody body);

// Hexadecimal; empty when it has none of 8 to 64 bytes.
std::string transaction_id(const OSSL_CMP_MSG* message);

// The reason in a revocation request (§5.3.9); unspecified where it names none. Nothing for one
// that is not taken: a hold and its end are the operator's, others are authorities' own.
std::optional<pki::RevocationReason> reason_in(const OSSL_CMP_MSG* revocation);

// Whether the client takes the certificate (§5.3.18); no status is a yes.
bool is_accepted(const OSSL_CMP_PKISI* status);

}  // namespace cloudsign::cmp
