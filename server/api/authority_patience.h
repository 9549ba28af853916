#pragma once

#include <chrono>
#include <mutex>

namespace server::api {

// Whether it is worth waiting for an authority of others: while one hangs, each who waits for it
// holds one of a few threads, and all that those serve stands still. Any thread.
class AuthorityPatience {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    // How long nobody but one waits, after somebody has waited in vain for `long_wait` or more.
    static constexpr std::chrono::seconds pause{30};
    static constexpr std::chrono::seconds long_wait{2};

    // Who is told yes says ended() afterwards.
    bool may_wait(TimePoint now);
    void ended(bool in_vain, TimePoint since, TimePoint now);

private:
    std::mutex mutex_;
    TimePoint away_until_{};  // the epoch: it answers
};

}  // namespace server::api
