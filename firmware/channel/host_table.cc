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
        if (hsm::text_of(hosts_[i].name) == name) {
            return &hosts_[i];
        }
    }
    return nullptr;
}

}  // namespace firmware::channel
