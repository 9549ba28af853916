#pragma once

#include <cstdint>
#include <string>

#include "hsm/openssl/base64.h"
#include "hsm/protocol/types.h"
#include "hsm/softphone/problem.h"

namespace hsm::softphone {

// What a TBSCertificate (RFC 5280 §4.1.2) says, for the officer who approves its signature.
struct TbsCertificate {
    std::string subject;  // RFC 4514
    std::string issuer;   // RFC 4514
    std::string serial_number;
    std::int64_t valid_from = 0;  // seconds UTC
    std::int64_t valid_to = 0;    // seconds UTC
    Digest key_id{};              // SHA-256 of its SubjectPublicKeyInfo
    bool authority = false;       // basicConstraints CA
};

// `refused` when the bytes are not one TBSCertificate in DER.
Outcome<TbsCertificate> read_tbs_certificate(const Bytes& tbs);

}  // namespace hsm::softphone
