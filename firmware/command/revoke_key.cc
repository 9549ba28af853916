#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/hardening/decision.h"

namespace firmware::command {
namespace {

Result<wire::RevokeKeyResponse> answer(Core& core, const Digest& key_id, std::uint32_t version) {
    TRY_ASSIGN(auto revocation, seal_revocation(core, key_id, version));
    return wire::RevokeKeyResponse{revocation};
}

// A host that lost the first answer asks again. The key is dead by then, and that it is so is all
// that it is told. Nothing for a key that lives here, or that is only being rebound.
Result<std::uint32_t> revoked_below(Core& core, ByteView sealed) {
    TRY_ASSIGN(auto blob, keystore::verify_blob(core.engine, core.group.epoch(), sealed));
    TRY_ASSIGN(auto entry, core.revocations.find(blob.header.key_id));
    const bool dead = blob.header.version != 0 && entry.minimum_version > blob.header.version &&
                      !entry.prepared_policy;
    return dead ? entry.minimum_version : 0;
}

Result<void> check_statement(Core& core, const ApprovedKey& key) {
    const wire::RevokeKeyStatement statement{key.blob.header.key_id, key.blob.header.version};
    TRY_ASSIGN(auto encoded, wire::encode_tagged(statement, core.workspace.statement));
    return check_statement_leaf(key.preimage, wire::RevokeKeyStatement::tag, encoded);
}

// All that has to hold before the key dies; changes nothing.
struct Approval {
    ApprovedKey key;
    activation::Accepted accepted;
    Ledger::Place place;
};

Result<void> approve(Core& core, const wire::RevokeKeyRequest& request, Approval& approval) {
    auto& [key, accepted, place] = approval;
    TRY_ASSIGN(key, open_approved_key(core, request.blob, request.preimage, request.mac));
    if (key.preimage.purpose != Purpose::revoke) {
        return Status::activation_purpose_wrong;
    }
    TRY_ASSIGN(accepted, check_officers(core, key.challenge, request.assertions));
    TRY(check_statement(core, key));
    if (key.blob.header.version == UINT32_MAX) {
        return Status::blob_revoked;
    }
    TRY(core.log.check_room());
    TRY_ASSIGN(place, core.ledger.find(key.occurrence(0), key.now_ms));
    return {};
}

}  // namespace

Result<wire::RevokeKeyResponse> revoke_key(Core& core, const wire::RevokeKeyRequest& request) {
    TRY_ASSIGN(const auto minimum_version, revoked_below(core, request.blob));
    if (minimum_version != 0) {
        TRY_ASSIGN(auto old, wire::decode_blob(request.blob));
        // As rebind_prepare: what refuses it must outlive the epoch that it was revoked in.
        core.unsynced = true;
        TRY(core.revocations.carry(old.header.key_id, core.group.epoch()));
        return answer(core, old.header.key_id, minimum_version);
    }
    Approval approval;
    hardening::Decision approved;
    TRY(approved.make([&] { return approve(core, request, approval); }));
    const auto& [key, accepted, place] = approval;
    const auto version = key.blob.header.version + 1;
    core.unsynced = true;
    TRY(core.revocations.reserve(key.blob.header.key_id));
    core.ledger.spend(place, key.occurrence(0));
    TRY(append_record(core,
                      wire::RecordType::revocation_approved,
                      request.host_time,
                      key_changed(key, version, key.blob.header.policy, accepted)));
    // Who approved is on record before the key dies, whenever the power is cut.
    TRY(core.store.sync());
    approved.require();
    TRY(core.revocations.put(key.blob.header.key_id, {version, core.group.epoch(), std::nullopt}));
    return answer(core, key.blob.header.key_id, version);
}

}  // namespace firmware::command
