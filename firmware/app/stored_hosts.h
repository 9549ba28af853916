#pragma once

#include "firmware/channel/host_table.h"
#include "firmware/command/host_keys.h"
#include "firmware/storage/log_store.h"

namespace firmware::app {

// A board's hosts: one record in the log store's table, in clear, since hosts connect before
// anybody unlocks. Who reads the chip's flash has them; what they open is a role, no key
// (THREAT_MODEL.md).
class StoredHosts final : public command::HostKeys {
public:
    // Both outlive this.
    StoredHosts(storage::LogStore& store, channel::HostTable& table)
        : store_(store), table_(table) {}

    // After the store's mount: fills the table, or lets the bring-up identity connect.
    // `storage_corrupt`.
    hsm::Result<void> load();

    bool installed() const override { return table_.size() != 0; }
    hsm::Result<void> install(const hsm::protocol::InstallHostsRequest& hosts) override;

private:
    hsm::Result<void> fill(const hsm::protocol::InstallHostsRequest& hosts);

    storage::LogStore& store_;
    channel::HostTable& table_;
};

}  // namespace firmware::app
