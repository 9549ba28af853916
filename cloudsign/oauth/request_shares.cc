#include "cloudsign/oauth/request_shares.h"

#include <algorithm>
#include <arpa/inet.h>

namespace cloudsign::oauth {
namespace {

void take_out(std::map<std::string, std::set<std::uint64_t>>& index,
              const std::string& key,
              std::uint64_t number) {
    const auto found = index.find(key);
    if (found == index.end()) {
        return;
    }
    found->second.erase(number);
    if (found->second.empty()) {
        index.erase(found);
    }
}

}  // namespace

Result<std::vector<hsm::Digest>> RequestShares::add(const hsm::Digest& id,
                                                    const std::string& source,
                                                    const std::string& client_id,
                                                    std::int64_t now_ms,
                                                    std::int64_t until_ms) {
    const std::lock_guard lock(mutex_);
    while (!entries_.empty() && entries_.begin()->second.until_ms <= now_ms) {
        forget(entries_.begin());
    }
    if (const auto share = by_source_.find(source);
        share != by_source_.end() && share->second.size() >= bounds_.source) {
        const auto& oldest = entries_.at(*share->second.begin());
        return Error{ErrorKind::busy,
                     "too many requests have been begun",
                     (oldest.until_ms - now_ms + 999) / 1000};
    }
    std::vector<hsm::Digest> yielding;
    const auto give_way = [&](Number oldest) {
        const auto entry = entries_.find(oldest);
        yielding.push_back(entry->second.id);
        forget(entry);
    };
    if (const auto share = by_client_.find(client_id);
        share != by_client_.end() && share->second.size() >= bounds_.client) {
        give_way(*share->second.begin());
    }
    if (all_.size() >= bounds_.all) {
        give_way(*all_.begin());
    }
    const auto number = next_++;
    entries_.emplace(number, Entry{id, source, client_id, until_ms});
    by_id_.emplace(id, number);
    by_source_[source].insert(number);
    by_client_[client_id].insert(number);
    all_.insert(number);
    return yielding;
}

void RequestShares::hold(const Entries::value_type& entry) {
    take_out(by_client_, entry.second.client_id, entry.first);
    all_.erase(entry.first);
}

void RequestShares::forget(Entries::iterator entry) {
    hold(*entry);
    take_out(by_source_, entry->second.source, entry->first);
    by_id_.erase(entry->second.id);
    entries_.erase(entry);
}

void RequestShares::keep(const hsm::Digest& id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_id_.find(id); found != by_id_.end()) {
        hold(*entries_.find(found->second));
    }
}

void RequestShares::remove(const hsm::Digest& id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_id_.find(id); found != by_id_.end()) {
        forget(entries_.find(found->second));
    }
}

std::string source_of(const std::string& address) {
    in6_addr parsed{};
    if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1 || IN6_IS_ADDR_V4MAPPED(&parsed)) {
        return address;
    }
    constexpr std::size_t network_size = 8;
    return "/64 " +
           std::string(std::begin(parsed.s6_addr), std::begin(parsed.s6_addr) + network_size);
}

}  // namespace cloudsign::oauth
