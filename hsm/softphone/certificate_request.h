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
    std::string use;              // of a service's key: what it will be believed about; else empty
};

// `refused` when the bytes are not one TBSCertificate in DER, or hold what is not shown here and
// might be believed elsewhere: other names of the subject, critical extensions that nobody knows,
// or the right to sign certificates of somebody who is no authority.
Outcome<TbsCertificate> read_tbs_certificate(const Bytes& tbs);

}  // namespace hsm::softphone
