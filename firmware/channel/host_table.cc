#include "firmware/channel/host_table.h"

namespace firmware::channel {

using hsm::Result;
using hsm::Status;

Result<void> HostTable::add(std::string_view name,
                            hsm::protocol::Role role,
                            hsm::Secret<hsm::protocol::psk_size> secret) {
    if (!hsm::protocol::is_identity(name) || secret.size() != hsm::protocol::psk_size ||
        find(name) != nullptr) {
        return Status::malformed;
    }
    if (size_ == size_max) {
        return Status::table_full;
    }
    auto& host = hosts_[size_];
    CHECK(host.name.assign(hsm::view_of(name)));
    host.role = role;
    host.secret = std::move(secret);
    ++size_;
    return {};
}

HostIdentity* HostTable::slot_of(std::string_view name) {
    for (std::size_t i = 0; i < size_; ++i) {
        if (hsm::text_of(hosts_[i].name) == name) {
            return &hosts_[i];
        }
    }
    return nullptr;
}

Result<void> HostTable::replace(const HostTable& wanted) {
    std::size_t needed = size_;
    for (std::size_t i = 0; i < wanted.size_; ++i) {
        needed += slot_of(hsm::text_of(wanted.hosts_[i].name)) == nullptr ? 1 : 0;
    }
    if (needed > size_max) {
        return Status::table_full;
    }
    for (std::size_t i = 0; i < size_; ++i) {
        if (wanted.find(hsm::text_of(hosts_[i].name)) == nullptr) {
            hosts_[i].withdrawn = true;
            hosts_[i].secret.clear();
        }
    }
    for (std::size_t i = 0; i < wanted.size_; ++i) {
        const auto& from = wanted.hosts_[i];
        auto* host = slot_of(hsm::text_of(from.name));
        if (host == nullptr) {
            host = &hosts_[size_++];
            host->name = from.name;
        }
        host->role = from.role;
        CHECK(host->secret.assign(from.secret.reveal()));
        host->withdrawn = false;
    }
    return {};
}

void HostTable::allow_bring_up() {
    CHECK(bring_up_.name.assign(hsm::view_of(hsm::protocol::bring_up_identity)));
    CHECK(bring_up_.secret.assign(hsm::view_of(hsm::protocol::bring_up_secret)));
    bring_up_.role = hsm::protocol::Role::operating;
    bring_up_allowed_ = true;
}

const HostIdentity* HostTable::find(std::string_view name) const {
    if (size_ == 0 && bring_up_allowed_ && name == hsm::protocol::bring_up_identity) {
        return &bring_up_;
    }
    for (std::size_t i = 0; i < size_; ++i) {
        if (hsm::text_of(hosts_[i].name) == name && !hosts_[i].withdrawn) {
            return &hosts_[i];
        }
    }
    return nullptr;
}

}  // namespace firmware::channel
