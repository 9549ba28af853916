#pragma once

#include <cstring>
#include <mutex>
#include <unordered_set>

#include "hsm/base/bytes.h"

namespace cloudsign::oauth {

// Which proofs came within the last minutes: each is taken once. Bounded, and rather refuses than
// forgets. Any thread.
class ReplayMemory {
public:
    static constexpr std::size_t entries_max = 131'072;

    // What is remembered stays so for `window_s` at least.
    explicit ReplayMemory(std::int64_t window_s) : window_s_(window_s) {}

    enum class Seen { first_time, before, no_room };
    Seen remember(const hsm::Digest& proof, std::int64_t now_s);

private:
    struct DigestHash {
        std::size_t operator()(const hsm::Digest& digest) const {
            std::size_t hash = 0;
            std::memcpy(&hash, digest.data(), sizeof hash);
            return hash;
        }
    };
    using Generation = std::unordered_set<hsm::Digest, DigestHash>;

    const std::int64_t window_s_;
    std::mutex mutex_;
    std::int64_t began_s_ = 0;  // when `current_` did
    Generation current_;
    Generation previous_;
};

}  // namespace cloudsign::oauth
