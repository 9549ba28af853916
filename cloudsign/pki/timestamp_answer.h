#pragma once

#include <functional>
#include <string>

#include "cloudsign/pki/signing_context.h"

// Time-stamps of our own authority (RFC 3161, RFC 5816).
namespace cloudsign::pki {

// A key that signs the attributes of a TSTInfo, and is shown the TSTInfo.
struct TimestampSigner {
    const Bytes& spki;
    hsm::protocol::Algorithm algorithm;
    std::function<Result<Bytes>(const Bytes& info, const Bytes& attributes)> sign;
};

struct TimestampAnswerSettings {
    Bytes certificate;   // of the authority's key, DER
    Bytes issuer;        // sent along when the request wants certificates
    std::string policy;  // OID
    std::int64_t now_ms = 0;
};

struct TimestampAnswer {
    Bytes response;  // TimeStampResp, DER: granted, or refused with the reason in it
    bool granted = false;
    std::optional<Error> error;  // why it is refused on our side; none when the request is wrong
};

constexpr std::size_t timestamp_request_size_max = 4096;

// The answer to a TimeStampReq: SHA-256, SHA-384 and SHA-512 imprints, this policy or none named,
// no extensions. genTime in milliseconds, accurate to a second; a serial number of 128 random bits.
TimestampAnswer answer_timestamp(const SigningContext& context,
                                 const TimestampSigner& signer,
                                 const TimestampAnswerSettings& settings,
                                 const Bytes& request);

}  // namespace cloudsign::pki
