#pragma once

#include "firmware/storage/log_store.h"
#include "hsm/protocol/statement.h"

namespace firmware::keystore {

using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using hsm::Status;
using hsm::protocol::AssuranceClass;
using hsm::protocol::GroupConfiguration;

// Is this a configuration that a module of this class and identity may live under? The module is
// a member of it; officers' passkeys are 1 to 8, of at least k different people; custodians are 1
// to 8, of whom m are asked, which is 1 only where there is one; nobody is both.
// `configuration_wrong`.
Result<GroupConfiguration> check_configuration(ByteView encoded,
                                               const Digest& module_id,
                                               AssuranceClass assurance_class);

// What this module belongs to, from its provisioning on. Not movable: the decoded configuration
// points into its own copy of the bytes.
class Group {
public:
    Group() = default;
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    bool is_provisioned() const { return !encoded_.empty(); }
    // Holds a KEK and every revocation that it has to know.
    bool is_complete() const { return epoch_ != 0 && table_ == Table::complete; }
    const GroupConfiguration& configuration() const { return configuration_; }
    ByteView encoded_configuration() const { return encoded_; }
    ByteView device_certificate() const { return certificate_; }
    std::uint32_t epoch() const { return epoch_; }  // 0 while there is no KEK

    Digest configuration_hash() const;
    bool has_member(const Digest& module_id) const;

    // Durable after the store's sync. The epoch's number is written last: without it the module
    // is still blank. 0: a ceremony brings the KEK later.
    Result<void> establish(storage::LogStore& store,
                           ByteView configuration,
                           ByteView certificate,
                           std::uint32_t epoch);

    // Whether the revocation table is whole, or a live member's has still to come.
    enum class Table : std::uint8_t { complete = 0, awaited = 1 };

    // The KEK is there. `previous` is the epoch whose blobs are still to be sealed anew, 0 for
    // none. Durable after the store's sync.
    Result<void> enter_epoch(storage::LogStore& store,
                             std::uint32_t epoch,
                             Table table,
                             std::uint32_t previous = 0);
    std::uint32_t previous_epoch() const { return previous_epoch_; }

    // Another description of the same group. Durable after the store's sync.
    Result<void> change(storage::LogStore& store, ByteView configuration);

    // Reads what establish() wrote, if anything. `storage_corrupt`.
    Result<void> load(storage::LogStore& store);

private:
    Result<void> adopt_configuration(ByteView configuration);
    Result<void> adopt(ByteView configuration, ByteView certificate, std::uint32_t epoch);

    hsm::BoundedBytes<hsm::protocol::configuration_size_max> encoded_;
    hsm::BoundedBytes<hsm::protocol::certificate_size_max> certificate_;
    GroupConfiguration configuration_;
    std::uint32_t epoch_ = 0;
    std::uint32_t previous_epoch_ = 0;
    Table table_ = Table::complete;
};

}  // namespace firmware::keystore
