#pragma once

#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/evidence/fetch.h"
#include "hsm/protocol/types.h"

namespace cloudsign::evidence {

// A checked token for a hash.
using Stamp = std::function<Result<Bytes>(hsm::protocol::DigestAlgorithm, const Bytes& hash)>;

// A token's own time may differ from ours by so much: beyond, one of the two clocks is wrong, and
// nobody could tell which.
constexpr std::int64_t timestamp_skew_ms = 60'000;

// `unavailable` unless the token's time is now.
Result<void> check_timestamp_time(const Bytes& token, std::int64_t now_ms);

// Asks time-stamping authorities (RFC 3161 over HTTP), each where the one before has failed.
class Timestamper {
public:
    // `anchors`: in which an authority's certificate must end, DER.
    Timestamper(std::vector<std::string> urls,
                std::vector<Bytes> anchors,
                Fetch fetch,
                const Clock& clock);

    // `unavailable` with what each of them said; `not_found` where none is named, or none of those
    // that are named is there.
    Result<Bytes> stamp(hsm::protocol::DigestAlgorithm digest, const Bytes& hash) const;

private:
    Result<Bytes> stamp_at(const std::string& url,
                           hsm::protocol::DigestAlgorithm digest,
                           const Bytes& hash) const;

    const std::vector<std::string> urls_;
    const std::string anchors_;  // PEM
    const Fetch fetch_;
    const Clock& clock_;
};

}  // namespace cloudsign::evidence
