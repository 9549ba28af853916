#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cloudsign/pki/signing_context.h"

// Time-stamps of our own authority (RFC 3161, RFC 5816).
namespace cloudsign::pki {

// The authority: its key, which somebody else holds, and what stands beside it in a token.
struct TimestampKey {
    Bytes spki;
    hsm::protocol::Algorithm algorithm;
    Bytes certificate;
    Bytes issuer;        // sent along when the request wants certificates
    std::string policy;  // OID
};

// Signs the attributes, and is shown the TSTInfo that they are about.
using TimestampSign = std::function<Result<Bytes>(const Bytes& info, const Bytes& attributes)>;

struct TimestampAnswer {
    Bytes response;  // TimeStampResp, DER: granted, or refused with the reason in it
    bool granted = false;
    std::optional<Error> error;  // why it is refused on our side; none when the request is wrong
};

constexpr std::size_t timestamp_request_size_max = 4096;

// Answers TimeStampReqs, one at a time: SHA-256, SHA-384 and SHA-512 imprints, this policy or none
// named, no extensions. genTime in milliseconds, accurate to a second; a serial number of 128
// random bits. To set one up costs OpenSSL more than the answer: keep it.
class TimestampMaker {
public:
    // `internal` when a certificate or the key cannot be read.
    static Result<std::unique_ptr<TimestampMaker>> create(const SigningContext& context,
                                                          TimestampKey key);
    ~TimestampMaker();
    TimestampMaker(const TimestampMaker&) = delete;
    TimestampMaker& operator=(const TimestampMaker&) = delete;

    TimestampAnswer answer(const Bytes& request, std::int64_t now_ms, const TimestampSign& sign);

private:
    struct Parts;
    explicit TimestampMaker(std::unique_ptr<Parts> parts);

    const std::unique_ptr<Parts> parts_;
};

}  // namespace cloudsign::pki
