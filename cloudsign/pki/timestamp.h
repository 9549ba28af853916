#pragma once

#include <string>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

// Time-stamps of somebody else's authority (RFC 3161, RFC 5816).
namespace cloudsign::pki {

// A question to the authority.
struct TimestampQuestion {
    Bytes request;  // TimeStampReq, DER
};

// `nonce`: a non-negative integer, big-endian, at least one byte and at most 32; the certificate is
// asked for. `invalid` when the hash has not the digest's length, or the nonce is none.
Result<TimestampQuestion> ask_timestamp(hsm::protocol::DigestAlgorithm digest,
                                        const Bytes& hash,
                                        const Bytes& nonce);

// The token (TimeStampToken, DER) of the authority's answer. It must be granted, for this very hash
// and nonce, and signed with a certificate for time-stamping alone (RFC 3161 §2.3) that ends in one
// of `authorities` (PEM). `unavailable` when the authority refuses or its answer does not stand,
// with the reason; `invalid` when `authorities` holds no certificate.
Result<Bytes> read_timestamp(const Bytes& response,
                             const TimestampQuestion& question,
                             const std::string& authorities);

}  // namespace cloudsign::pki
