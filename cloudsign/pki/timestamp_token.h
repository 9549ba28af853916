#pragma once

#include <cstdint>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::pki {

// What a time-stamp token (RFC 3161) says.
struct TimestampToken {
    std::int64_t time_ms = 0;         // genTime, whole seconds
    Bytes imprint;                    // the hash that is stamped
    std::string digest;               // its algorithm, as OpenSSL names it: "SHA256"
    Bytes signer;                     // the authority's certificate
    std::vector<Bytes> certificates;  // all that are inside
};

// Only read: nothing is checked. `invalid` when it is none, or holds no certificate of its signer.
Result<TimestampToken> read_timestamp_token(const Bytes& token);

// The same, checked as of its own time: the signature, a certificate for time-stamping alone that
// ends in one of `anchors` (DER), and the imprint, which must be of `message` (the bytes whose hash
// was stamped, in parts). `unavailable`, in words, when one of them is wrong.
Result<TimestampToken> check_timestamp_token(const Bytes& token,
                                             std::span<const hsm::ByteView> message,
                                             const std::vector<Bytes>& anchors);

}  // namespace cloudsign::pki
