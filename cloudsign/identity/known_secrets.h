#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "cloudsign/clock.h"
#include "cloudsign/store/rows.h"
#include "hsm/openssl/hmac_key.h"

namespace cloudsign::identity {

// Which secret each client has proved a short while ago, so that a dialect that sends it with every
// request costs one password hash now and then. Keeps a MAC under a key of this process, which
// ends with the hash that it was checked against. Any thread.
class KnownSecrets {
public:
    static constexpr std::size_t clients_max = 4096;
    static constexpr std::int64_t keep_ms = 10 * 60 * 1000;

    explicit KnownSecrets(const Clock& clock);

    // False for a wrong secret and for one that was not proved lately alike.
    bool knows(const store::Client& client, std::string_view secret) const;
    // After it was checked against `client.secret_hash`.
    void remember(const store::Client& client, std::string_view secret);

private:
    struct Proved {
        std::string secret_hash;
        hsm::Digest mac{};
        std::int64_t until = 0;
    };

    const Clock& clock_;
    const hsm::openssl::HmacKey key_;
    mutable std::mutex mutex_;
    std::map<std::string, Proved, std::less<>> proved_;
};

}  // namespace cloudsign::identity
