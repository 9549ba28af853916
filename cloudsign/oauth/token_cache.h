#pragma once

#include <cstring>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "cloudsign/oauth/token_claims.h"
#include "hsm/base/bytes.h"

namespace cloudsign::oauth {

// Verified tokens by their SHA-256, so that a signature is checked once. Bounded. Any thread.
class TokenCache {
public:
    static constexpr std::size_t entries_max = 4096;

    // An entry that has not expired at `now_s`.
    std::optional<ClientClaims> find(const hsm::Digest& token_hash, std::int64_t now_s);
    void insert(const hsm::Digest& token_hash, const ClientClaims& claims, std::int64_t now_s);
    std::size_t size() const;

private:
    struct DigestHash {
        std::size_t operator()(const hsm::Digest& digest) const {
            std::size_t hash = 0;
            std::memcpy(&hash, digest.data(), sizeof hash);
            return hash;
        }
    };

    mutable std::mutex mutex_;
    std::unordered_map<hsm::Digest, ClientClaims, DigestHash> entries_;
};

}  // namespace cloudsign::oauth
