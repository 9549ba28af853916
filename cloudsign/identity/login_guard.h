#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"

namespace cloudsign::identity {

// Stops those who guess secrets. Failures count for the pair of name and peer address, so that
// nobody can lock a portal out from elsewhere, and, with a wider bound, for each of the two alone:
// one who tries many names, and many who try one name. In memory: a restart forgives. Any thread.
class LoginGuard {
public:
    struct Bounds {
        unsigned pair = 5;  // failures until the first pause of 30 s, which doubles with each more
        unsigned peer = 500;  // of one address, which a reverse proxy shares among many
        unsigned name = 500;  // at one name, from wherever
        std::int64_t forget_ms = 15 * 60 * 1000;  // without a failure for so long: as new
    };
    // Entries are bounded; those that failed longest ago are forgotten first.
    static constexpr std::size_t entries_max = 16384;

    explicit LoginGuard(const Clock& clock) : LoginGuard(clock, Bounds()) {}
    LoginGuard(const Clock& clock, const Bounds& bounds) : clock_(clock), bounds_(bounds) {}

    // Before a secret is looked at: `busy` with `retry_after_s` while one of the three is paused.
    Result<void> check(const std::string& name, const std::string& peer);
    // Whether somebody is paused for it.
    bool failed(const std::string& name, const std::string& peer);
    // Ends the pair's count, and no other.
    void succeeded(const std::string& name, const std::string& peer);

private:
    struct Entry {
        unsigned failures = 0;
        std::int64_t failed_at_ms = 0;
        std::int64_t paused_until_ms = 0;
    };

    std::int64_t paused_until(const std::string& key, std::int64_t now) const;
    bool count(const std::string& key, unsigned bound, std::int64_t now);
    void make_room();

    const Clock& clock_;
    const Bounds bounds_;
    std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

}  // namespace cloudsign::identity
