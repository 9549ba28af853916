#include "cloudsign/oauth/replay_memory.h"

#include <utility>

namespace cloudsign::oauth {

ReplayMemory::Seen ReplayMemory::remember(const hsm::Digest& proof, std::int64_t now_s) {
    const std::lock_guard lock(mutex_);
    const auto age_s = now_s - began_s_;
    if (age_s < 0 || age_s >= window_s_) {
        previous_ = std::exchange(current_, Generation());
        if (age_s >= 2 * window_s_) {
            previous_.clear();
        }
        began_s_ = now_s;
    }
    if (current_.contains(proof) || previous_.contains(proof)) {
        return Seen::before;
    }
    if (current_.size() >= entries_max) {
        return Seen::no_room;
    }
    current_.insert(proof);
    return Seen::first_time;
}

}  // namespace cloudsign::oauth
