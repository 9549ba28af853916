#pragma once

#include <string>

#include <openssl/crmf.h>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

namespace cloudsign::cmp {

// What a client asks a certificate for. Extensions and times that it asks for are left aside: the
// profile says them.
struct CertificateWish {
    std::string subject;  // RFC 4514; empty where the request names none
    Bytes spki;           // SubjectPublicKeyInfo, DER
    hsm::protocol::KeyType key_type = hsm::protocol::KeyType::p256;
    // Of a key update (RFC 4210 §5.3.5), what it names: serial number, hexadecimal, and issuer,
    // RFC 4514.
    std::string renews;
    std::string renewed_issuer;
};

// `invalid`, in words: no key, or one that is not on P-256 or P-384 as RFC 5480 writes it (a named
// curve, the point uncompressed), nor RSA of 2048, 3072 or 4096 bits with an odd exponent of 65537
// at least; of CRMF a proof of possession over anything but the request itself (poposkInput,
// RFC 4211 §4.1), which would do for another request as well.
Result<CertificateWish> read_wish(const OSSL_CRMF_MSG* request);
Result<CertificateWish> read_wish(const X509_REQ* request);

}  // namespace cloudsign::cmp
