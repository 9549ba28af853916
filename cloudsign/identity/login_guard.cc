#include "cloudsign/identity/login_guard.h"

#include <algorithm>
#include <vector>

#include "cloudsign/sha256.h"
#include "hsm/base/bytes.h"

namespace cloudsign::identity {
namespace {

constexpr std::int64_t first_pause_ms = 30 * 1000;
constexpr std::int64_t longest_pause_ms = 15 * 60 * 1000;

// What comes from outside is hashed: any length, any bytes, and no two kinds meet.
std::string key_of(std::string_view kind, const std::string& name, const std::string& peer) {
    const auto digest =
        sha256(std::string(kind) + ' ' + std::to_string(name.size()) + ' ' + name + peer);
    return std::string(hsm::text_of(digest));
}

std::string pair_key(const std::string& name, const std::string& peer) {
    return key_of("pair", name, peer);
}
std::string peer_key(const std::string& peer) {
    return key_of("peer", "", peer);
}
std::string name_key(const std::string& name) {
    return key_of("name", name, "");
}

}  // namespace

std::int64_t LoginGuard::paused_until(const std::string& key, std::int64_t now) const {
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.paused_until_ms > now
               ? found->second.paused_until_ms
               : 0;
}

Result<void> LoginGuard::check(const std::string& name, const std::string& peer) {
    const auto now = clock_.now_ms();
    const std::lock_guard lock(mutex_);
    const auto until = std::max({paused_until(pair_key(name, peer), now),
                                 paused_until(peer_key(peer), now),
                                 paused_until(name_key(name), now)});
    if (until == 0) {
        return {};
    }
    return Error{ErrorKind::busy, "too many wrong secrets; wait", (until - now + 999) / 1000};
}

bool LoginGuard::count(const std::string& key, unsigned bound, std::int64_t now) {
    if (!entries_.contains(key) && entries_.size() >= entries_max) {
        make_room();
    }
    auto& entry = entries_[key];
    if (now - entry.failed_at_ms > bounds_.forget_ms) {
        entry = {};
    }
    ++entry.failures;
    entry.failed_at_ms = now;
    if (entry.failures < bound) {
        return false;
    }
    const auto doublings = std::min(entry.failures - bound, 10u);
    entry.paused_until_ms = now + std::min(first_pause_ms << doublings, longest_pause_ms);
    return true;
}

bool LoginGuard::failed(const std::string& name, const std::string& peer) {
    const auto now = clock_.now_ms();
    const std::lock_guard lock(mutex_);
    const bool pair = count(pair_key(name, peer), bounds_.pair, now);
    const bool address = count(peer_key(peer), bounds_.peer, now);
    const bool whole = count(name_key(name), bounds_.name, now);
    return pair || address || whole;
}

void LoginGuard::succeeded(const std::string& name, const std::string& peer) {
    const std::lock_guard lock(mutex_);
    entries_.erase(pair_key(name, peer));
}

// A quarter at once, so that a flood of names pays for the search only now and then.
void LoginGuard::make_room() {
    std::vector<std::int64_t> times;
    times.reserve(entries_.size());
    for (const auto& [key, entry] : entries_) {
        times.push_back(entry.failed_at_ms);
    }
    const auto quarter = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4);
    std::ranges::nth_element(times, quarter);
    std::erase_if(entries_, [&](const auto& one) { return one.second.failed_at_ms <= *quarter; });
}

}  // namespace cloudsign::identity
