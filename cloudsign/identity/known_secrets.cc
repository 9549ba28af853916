#include "cloudsign/identity/known_secrets.h"

#include "cloudsign/random.h"

namespace cloudsign::identity {

KnownSecrets::KnownSecrets(const Clock& clock) : clock_(clock), key_(random_32()) {}

bool KnownSecrets::knows(const store::Client& client, std::string_view secret) const {
    const auto mac = key_.mac(hsm::view_of(secret));
    const std::lock_guard lock(mutex_);
    const auto found = proved_.find(client.id);
    return found != proved_.end() && found->second.until > clock_.now_ms() &&
           found->second.secret_hash == client.secret_hash &&
           hsm::equal_constant_time(found->second.mac, mac);
}

void KnownSecrets::remember(const store::Client& client, std::string_view secret) {
    const auto mac = key_.mac(hsm::view_of(secret));
    const auto now = clock_.now_ms();
    const std::lock_guard lock(mutex_);
    if (proved_.size() >= clients_max) {
        std::erase_if(proved_, [&](const auto& entry) { return entry.second.until <= now; });
    }
    if (proved_.size() >= clients_max) {
        proved_.clear();
    }
    proved_[client.id] = {client.secret_hash, mac, now + keep_ms};
}

}  // namespace cloudsign::identity
