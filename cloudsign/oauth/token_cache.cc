#include "cloudsign/oauth/token_cache.h"

namespace cloudsign::oauth {

std::optional<ClientClaims> TokenCache::find(const hsm::Digest& token_hash, std::int64_t now_s) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(token_hash);
    if (found == entries_.end()) {
        return std::nullopt;
    }
    if (found->second.expires_at_s <= now_s) {
        entries_.erase(found);
        return std::nullopt;
    }
    return found->second;
}

void TokenCache::insert(const hsm::Digest& token_hash,
                        const ClientClaims& claims,
                        std::int64_t now_s) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= entries_max) {
        std::erase_if(entries_,
                      [&](const auto& entry) { return entry.second.expires_at_s <= now_s; });
    }
    if (entries_.size() >= entries_max) {
        // Only genuine tokens come in here, so nobody outside chooses what is thrown out.
        entries_.erase(entries_.begin());
    }
    entries_.insert_or_assign(token_hash, claims);
}

std::size_t TokenCache::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace cloudsign::oauth
