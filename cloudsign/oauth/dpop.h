#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/oauth/replay_memory.h"

namespace cloudsign::oauth {

// Who sends a request, proved with a key (RFC 9449 §4). Any thread.
class DpopVerifier {
public:
    // How far a client's clock may be off, and how long a proof is good.
    static constexpr std::int64_t proof_age_max_s = 60;
    static constexpr std::int64_t clock_ahead_max_s = 30;

    explicit DpopVerifier(const Clock& clock) : clock_(clock), started_s_(clock.now_ms() / 1000) {}

    struct Call {
        std::string_view method;            // "POST"
        std::span<const std::string> urls;  // what the request's URL may be called, without query
        std::optional<std::string_view> access_token;  // presented with the proof
    };
    // The thumbprint of the key, base64url. `invalid` with what is wrong with the proof, `conflict`
    // for one that was used before; `busy` when no more proofs can be remembered.
    Result<std::string> verify(std::string_view proof, const Call& call);

private:
    const Clock& clock_;
    // What was seen before this is not remembered: older proofs are refused.
    const std::int64_t started_s_;
    ReplayMemory seen_{2 * (proof_age_max_s + clock_ahead_max_s)};
};

}  // namespace cloudsign::oauth
