#include "firmware/command/commands.h"
#include "firmware/keystore/group_statement.h"

namespace firmware::command {
namespace {

// Two members that prepared the same step of one key, for two policies, would release two blobs of
// one version. The member with the lower id goes first: it refuses the other's revocation, and the
// other gives its own preparation up for this one.
bool yields_to(const Core& core,
               const wire::RevocationStatement& theirs,
               const keystore::RevocationEntry& ours) {
    const bool same_step = ours.prepared_policy && ours.minimum_version == theirs.minimum_version;
    return !same_step || theirs.module_id < core.identity.module_id;
}

}  // namespace

Result<wire::RevokeResponse> revoke(Core& core, const wire::RevokeRequest& request) {
    TRY_ASSIGN(auto statement,
               keystore::open_statement<wire::RevocationStatement>(
                   core.engine, core.group.epoch(), request.revocation));
    if (!core.group.has_member(statement.module_id) ||
        statement.module_id == core.identity.module_id) {
        return Status::member_unknown;
    }
    TRY_ASSIGN(auto entry, core.revocations.find(statement.key_id));
    if (!yields_to(core, statement, entry)) {
        return Status::blob_revoked;
    }
    // Applied already, and more: the acknowledgement is true all the same.
    const bool gives_up =
        entry.prepared_policy && entry.minimum_version == statement.minimum_version;
    if (entry.minimum_version < statement.minimum_version || gives_up) {
        TRY(core.log.check_room());
        core.unsynced = true;
        TRY(core.revocations.reserve(statement.key_id));
        TRY(append_record(core,
                          wire::RecordType::key_revoked,
                          request.host_time,
                          wire::KeyRevokedDetails{
                              statement.key_id, statement.minimum_version, statement.module_id}));
        TRY(core.store.sync());
        TRY(core.revocations.put(statement.key_id,
                                 {statement.minimum_version, core.group.epoch(), std::nullopt}));
    }
    // What it acknowledges is about this epoch's blobs, whenever the entry came.
    core.unsynced = true;
    TRY(core.revocations.carry(statement.key_id, core.group.epoch()));
    TRY_ASSIGN(auto acknowledgement,
               keystore::seal_statement(core.engine,
                                        core.group.epoch(),
                                        wire::RevokedStatement{statement.key_id,
                                                               statement.minimum_version,
                                                               core.identity.module_id,
                                                               core.group.configuration_hash()},
                                        core.workspace.receipt));
    return wire::RevokeResponse{acknowledgement};
}

}  // namespace firmware::command
