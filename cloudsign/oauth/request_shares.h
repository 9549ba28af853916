#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/error.h"
#include "hsm/base/bytes.h"

namespace cloudsign::oauth {

// How many requests have been begun, and by whom, where beginning one proves nothing: who begins
// too many is told to wait, and when very many do, the oldest that nobody has come back to gives
// way. In memory: a restart forgives. Any thread; each call costs a few look-ups, however many
// there are.
class RequestShares {
public:
    struct Bounds {
        std::size_t source = 500;  // of one address, which a reverse proxy shares among many
        std::size_t client = 5'000;
        std::size_t all = 20'000;
    };

    explicit RequestShares(const Bounds& bounds) : bounds_(bounds) {}

    // The requests that give way, or `busy` with `retry_after_s` when the share of its source is
    // used up.
    Result<std::vector<hsm::Digest>> add(const hsm::Digest& id,
                                         const std::string& source,
                                         const std::string& client_id,
                                         std::int64_t now_ms,
                                         std::int64_t until_ms);
    // Somebody has come back to it: it counts for its source, but gives way to nobody.
    void keep(const hsm::Digest& id);
    // It is over.
    void remove(const hsm::Digest& id);

private:
    using Number = std::uint64_t;  // in the order in which they came
    using Numbers = std::set<Number>;
    struct Entry {
        hsm::Digest id{};
        std::string source;
        std::string client_id;
        std::int64_t until_ms = 0;
    };
    using Entries = std::map<Number, Entry>;

    void forget(Entries::iterator entry);
    void hold(const Entries::value_type& entry);

    const Bounds bounds_;
    std::mutex mutex_;
    Number next_ = 0;
    Entries entries_;
    std::map<hsm::Digest, Number> by_id_;
    std::map<std::string, Numbers> by_source_;
    std::map<std::string, Numbers> by_client_;  // these and those of all_: what may give way
    Numbers all_;
};

// Whose share an address draws on: its own; of IPv6 that of its /64, which one person has whole.
std::string source_of(const std::string& address);

}  // namespace cloudsign::oauth
