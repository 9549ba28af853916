#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "cloudsign/bytes.h"
#include "cloudsign/clock.h"
#include "cloudsign/error.h"

namespace cloudsign::rssp {

// The value of `Authorization: SSL2 …` (RSSP v2): base64 of
// "user:password:signature:milliseconds:base64(PKCS#1 v1.5 SHA-1 over user+password+signature+
// milliseconds)".
struct Ssl2 {
    std::string user;
    std::string password;
    std::string signature;  // the RelyingPartySignature that the client was given
    std::string time;       // as it is signed
    std::int64_t time_ms = 0;
    Bytes pkcs1;

    // `invalid` for anything else.
    static Result<Ssl2> parse(std::string_view base64);
};

// Checks the header's signature and that it was not seen before: SHA-1 is what the dialect says, so
// nobody relies on it alone (the client's secret and TLS certificate are asked for too). Any
// thread.
class Ssl2Verifier {
public:
    static constexpr std::int64_t window_ms = 5 * 60 * 1000;
    static constexpr std::size_t seen_max = 65536;

    explicit Ssl2Verifier(const Clock& clock) : clock_(clock) {}

    // `unauthenticated` for a wrong signature or RelyingPartySignature, a time more than five
    // minutes away, a key that is none, and a header that came before; `busy` when too many came to
    // be remembered.
    Result<void> check(const Ssl2& header,
                       std::string_view public_key_base64,
                       std::string_view relying_party_signature);

private:
    const Clock& clock_;
    std::mutex mutex_;
    std::set<std::pair<std::int64_t, std::string>> seen_;  // time of the header, its signature
};

}  // namespace cloudsign::rssp
