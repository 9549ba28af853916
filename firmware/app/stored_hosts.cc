#include "firmware/app/stored_hosts.h"

namespace firmware::app {

namespace wire = hsm::protocol;
using hsm::Result;
using hsm::Status;

namespace {

constexpr std::string_view hosts_key = "hosts";
constexpr auto record_size_max = wire::map_size_max<wire::InstallHostsRequest>();
static_assert(record_size_max <= storage::value_size_max);

// Held while a list of keys is in it.
using Record = hsm::Secret<record_size_max>;

Result<void> check(const wire::InstallHostsRequest& hosts) {
    const auto count = hosts.names.size();
    if (count == 0 || hosts.roles.size() != count || hosts.keys.size() != count) {
        return Status::malformed;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const auto role = hosts.roles[i];
        const bool known = role == static_cast<std::uint8_t>(wire::Role::server) ||
                           role == static_cast<std::uint8_t>(wire::Role::operating) ||
                           role == static_cast<std::uint8_t>(wire::Role::auditor);
        if (!known || !wire::is_identity(hosts.names[i]) ||
            hosts.names[i] == wire::bring_up_identity) {
            return Status::malformed;
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (hosts.names[j] == hosts.names[i]) {
                return Status::malformed;
            }
        }
    }
    return {};
}

}  // namespace

Result<void> StoredHosts::load() {
    Record record;
    const auto stored = store_.get(hsm::view_of(hosts_key), record.storage());
    if (!stored) {
        if (stored.error() != Status::no_such_record) {
            return stored.error();
        }
        table_.allow_bring_up();
        return {};
    }
    const auto hosts = wire::decode<wire::InstallHostsRequest>(*stored);
    if (!hosts || !check(*hosts)) {
        return Status::storage_corrupt;
    }
    return fill(*hosts);
}

Result<void> StoredHosts::install(const wire::InstallHostsRequest& hosts) {
    TRY(check(hosts));
    Record record;
    TRY_ASSIGN(const auto encoded, wire::encode(hosts, record.storage()));
    TRY(store_.put(hsm::view_of(hosts_key), encoded));
    TRY(store_.sync());
    return fill(hosts);
}

Result<void> StoredHosts::fill(const wire::InstallHostsRequest& hosts) {
    for (std::size_t i = 0; i < hosts.names.size(); ++i) {
        hsm::Secret<wire::psk_size> secret;
        CHECK(secret.assign(hosts.keys[i]));
        TRY(table_.add(hosts.names[i], static_cast<wire::Role>(hosts.roles[i]), std::move(secret)));
    }
    return {};
}

}  // namespace firmware::app
