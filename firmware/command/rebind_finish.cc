#include "firmware/command/commands.h"
#include "firmware/hardening/decision.h"
#include "firmware/keystore/group_statement.h"
#include "firmware/keystore/key_blob.h"
#include "firmware/keystore/policy.h"

namespace firmware::command {
namespace {

using Acknowledgements = hsm::protocol::BoundedList<ByteView, hsm::protocol::members_max>;

// Before the new blob exists, every other member has said that it refuses the old one. So at no
// time do two versions work on any two modules.
Result<void> check_acknowledgements(Core& core,
                                    const Digest& key_id,
                                    std::uint32_t version,
                                    const Acknowledgements& acknowledgements) {
    hsm::protocol::BoundedList<Digest, hsm::protocol::members_max> members;
    for (const auto& sealed : acknowledgements) {
        TRY_ASSIGN(auto statement,
                   keystore::open_statement<wire::RevokedStatement>(
                       core.engine, core.group.epoch(), sealed));
        // A member that has another list of members may not have asked all that this one has to.
        if (statement.key_id != key_id || statement.minimum_version != version ||
            statement.configuration_hash != core.group.configuration_hash()) {
            return Status::acknowledgement_wrong;
        }
        if (!core.group.has_member(statement.module_id) ||
            statement.module_id == core.identity.module_id) {
            return Status::member_unknown;
        }
        if (std::ranges::find(members, statement.module_id) != members.end()) {
            return Status::acknowledgement_wrong;
        }
        CHECK(members.push_back(statement.module_id));
    }
    const auto others = core.group.configuration().members.size() - 1;
    return members.size() == others ? Result<void>() : Status::acknowledgement_missing;
}

Result<void> check_release(Core& core,
                           const wire::RebindFinishRequest& request,
                           keystore::VerifiedBlob& old) {
    TRY_ASSIGN(old, keystore::verify_blob(core.engine, core.group.epoch(), request.blob));
    if (old.header.version == 0) {
        return Status::blob_unbound;
    }
    TRY_ASSIGN(auto entry, core.revocations.find(old.header.key_id));
    const auto version = std::uint64_t{old.header.version} + 1;
    if (entry.minimum_version != version ||
        entry.prepared_policy != keystore::policy_hash(request.new_policy)) {
        return Status::rebind_not_prepared;
    }
    return check_acknowledgements(
        core, old.header.key_id, entry.minimum_version, request.acknowledgements);
}

}  // namespace

// May be called again, and then answers the same blob: the host may lose it once more.
Result<wire::RebindFinishResponse> rebind_finish(Core& core,
                                                 const wire::RebindFinishRequest& request) {
    keystore::VerifiedBlob old;
    hardening::Decision released;
    TRY(released.make([&] { return check_release(core, request, old); }));
    TRY(core.log.check_room());

    auto header = old.header;
    header.version = old.header.version + 1;
    header.policy = request.new_policy;
    released.require();
    TRY_ASSIGN(auto blob,
               keystore::seal_blob(core.engine, header, old.wrapped, core.workspace.blob));

    wire::KeyChangedDetails details;
    details.key_id = header.key_id;
    details.version = header.version;
    details.policy_hash = keystore::policy_hash(header.policy);
    TRY(append_record(core, wire::RecordType::key_rebound, request.host_time, details));
    return wire::RebindFinishResponse{blob};
}

}  // namespace firmware::command
