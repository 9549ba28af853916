#pragma once

#include "cloudsign/clock.h"
#include "cloudsign/oauth/replay_memory.h"
#include "hsm/openssl/hmac_key.h"

namespace cloudsign::login {

// Challenges for whoever opens a sign-in page, before anything is known of them: nothing is stored
// until one of them has been answered well, so asking for many costs nothing. Good for this process
// alone. Any thread.
class Challenges {
public:
    static constexpr std::int64_t lifetime_ms = 5ll * 60 * 1000;

    explicit Challenges(const Clock& clock);

    hsm::Digest make() const;
    // Whether it is one of these and still good.
    bool holds(const hsm::Digest& challenge) const;
    // The same, once: false for one that was taken before.
    bool take(const hsm::Digest& challenge);

private:
    const Clock& clock_;
    const hsm::openssl::HmacKey key_;
    oauth::ReplayMemory taken_;
};

}  // namespace cloudsign::login
