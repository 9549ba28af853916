#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "cloudsign/pki/profile.h"
#include "hsm/protocol/types.h"

// Certificates (RFC 5280) in two passes: build_tbs() writes what shall be signed, the officers
// approve its SHA-256 and a module signs it, assemble() puts both together.
namespace cloudsign::pki {

using hsm::protocol::Algorithm;

// Where relying parties find what goes with a certificate; none where empty.
struct PublishedAt {
    std::string issuer;  // caIssuers (RFC 5280 §4.2.2.1)
    std::string ocsp;    // RFC 6960 §3.1
    std::string list;    // CRL distribution point (RFC 5280 §4.2.1.13)
};

struct TbsRequest {
    Profile profile = Profile::person;
    std::string subject;                        // RFC 4514
    Bytes spki;                                 // SubjectPublicKeyInfo, DER
    Bytes issuer;                               // the issuer's certificate, DER; empty: self-signed
    Algorithm algorithm;                        // that the issuer key will sign with
    std::array<hsm::Byte, 16> serial_number{};  // RFC 5280 §4.1.2.2: made positive here
    std::int64_t valid_from_ms = 0;             // UTC; cut to the issuer's own validity
    std::int64_t valid_to_ms = 0;
    PublishedAt published;
};

// TBSCertificate, DER. `invalid` when the subject or the key cannot be read.
Result<Bytes> build_tbs(const TbsRequest& request);

// The certificate of `tbs`, whose signature is checked under the issuer's key (its own, when
// `issuer` is empty): a wrong signature never leaves as a certificate. `internal` otherwise.
Result<Bytes> assemble(const Bytes& tbs,
                       const Algorithm& algorithm,
                       const Bytes& signature,
                       const Bytes& issuer);

struct CertificateFacts {
    std::string subject;        // RFC 4514
    std::string issuer;         // RFC 4514
    std::string serial_number;  // hexadecimal, upper case
    std::int64_t valid_from_ms = 0;
    std::int64_t valid_to_ms = 0;
    Bytes spki;
};
Result<CertificateFacts> read_certificate(hsm::ByteView der);

// The same of a TBSCertificate, for who approves it.
Result<CertificateFacts> read_tbs(hsm::ByteView der);

std::string to_pem(const Bytes& certificate);
Result<Bytes> from_pem(std::string_view pem);

// The default algorithm of a key when a request names none: ECDSA or RSASSA-PKCS1-v1_5.
Algorithm default_algorithm(hsm::protocol::KeyType type);

}  // namespace cloudsign::pki
