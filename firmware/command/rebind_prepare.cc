#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/hardening/decision.h"
#include "firmware/keystore/policy.h"

namespace firmware::command {
namespace {

bool has_point(const wire::Policy& policy, const wire::Point& point) {
    return std::ranges::find(policy.points, point) != policy.points.end();
}

// Only the list of activation keys may change. A key that stays keeps its backup flag: WebAuthn
// §6.1.3 says that a credential's never changes.
Result<wire::Policy> check_successor(Core& core,
                                     const keystore::VerifiedBlob& blob,
                                     ByteView new_policy) {
    if (hsm::equal(new_policy, blob.header.policy)) {
        return Status::rebind_unchanged;
    }
    TRY_ASSIGN(auto successor,
               keystore::check_policy(new_policy, blob.header.kind, core.group.configuration()));
    if (successor.subject_hash != blob.policy.subject_hash ||
        successor.backup != blob.policy.backup) {
        return Status::policy_invalid;
    }
    for (std::size_t i = 0; i < successor.activation_key_count(); ++i) {
        const auto key = successor.activation_key(i);
        for (std::size_t j = 0; j < blob.policy.activation_key_count(); ++j) {
            const auto old = blob.policy.activation_key(j);
            if (old.point == key.point && old.backup_eligible != key.backup_eligible) {
                return Status::policy_invalid;
            }
        }
    }
    return successor;
}

struct Parties {
    activation::Approvers old_keys;
    activation::Approvers new_keys;  // those in the successor only
    activation::Approvers all;
};

Result<Parties> parties(const wire::Policy& old_policy, const wire::Policy& successor) {
    Parties found;
    TRY(add_activation_keys(old_policy, found.old_keys));
    TRY(add_activation_keys(old_policy, found.all));
    for (std::size_t i = 0; i < successor.activation_key_count(); ++i) {
        const auto key = successor.activation_key(i);
        if (has_point(old_policy, key.point)) {
            continue;
        }
        const auto approver = activation::approver(key, successor.backup);
        CHECK(found.new_keys.push_back(approver));
        CHECK(found.all.push_back(approver));
    }
    return found;
}

// An old key, so that nobody else can put a phone on this credential; every new one, so that none
// is put on it that its holder has not shown to work.
Result<void> check_enough(const Parties& parties, const activation::Accepted& accepted) {
    const auto approved = [&](const activation::Approver& one) {
        return activation::approved_by(accepted, one.thumbprint);
    };
    if (!std::ranges::any_of(parties.old_keys, approved) ||
        !std::ranges::all_of(parties.new_keys, approved)) {
        return Status::assertion_missing;
    }
    return {};
}

Result<void> check_statement(Core& core, const ApprovedKey& key, ByteView new_policy) {
    const wire::RebindStatement statement{
        key.blob.header.key_id, key.blob.header.version, new_policy};
    TRY_ASSIGN(auto encoded, wire::encode_tagged(statement, core.workspace.statement));
    return check_statement_leaf(key.preimage, wire::RebindStatement::tag, encoded);
}

Result<wire::RebindPrepareResponse> answer(Core& core,
                                           const Digest& key_id,
                                           std::uint32_t version) {
    TRY_ASSIGN(auto revocation, seal_revocation(core, key_id, version));
    return wire::RebindPrepareResponse{revocation};
}

// A host that lost the first answer in a crash asks again with the same blob and policy. The old
// version is dead by then and the revocation is all that it can get: nothing new is approved.
Result<bool> is_prepared(Core& core, const wire::RebindPrepareRequest& request) {
    TRY_ASSIGN(auto blob, keystore::verify_blob(core.engine, core.group.epoch(), request.blob));
    TRY_ASSIGN(auto entry, core.revocations.find(blob.header.key_id));
    return blob.header.version != 0 && entry.minimum_version == blob.header.version + 1 &&
           entry.prepared_policy == keystore::policy_hash(request.new_policy);
}

// All that has to hold before the old version dies; changes nothing.
struct Approval {
    ApprovedKey key;
    activation::Accepted accepted;
    Ledger::Place place;
};

Result<void> approve(Core& core, const wire::RebindPrepareRequest& request, Approval& approval) {
    auto& [key, accepted, place] = approval;
    TRY_ASSIGN(key, open_approved_key(core, request.blob, request.preimage, request.mac));
    if (key.preimage.purpose != Purpose::rebind) {
        return Status::activation_purpose_wrong;
    }
    TRY_ASSIGN(auto successor, check_successor(core, key.blob, request.new_policy));
    TRY_ASSIGN(auto asked, parties(key.blob.policy, successor));
    TRY_ASSIGN(accepted,
               activation::verify_assertions(
                   core.engine, key.assertion_rule(), asked.all, request.assertions));
    TRY(check_enough(asked, accepted));
    TRY(check_statement(core, key, request.new_policy));
    if (key.blob.header.version == UINT32_MAX) {
        return Status::blob_revoked;
    }
    TRY(core.log.check_room());
    TRY_ASSIGN(place, core.ledger.find(key.occurrence(0), key.now_ms));
    return {};
}

}  // namespace

Result<wire::RebindPrepareResponse> rebind_prepare(Core& core,
                                                   const wire::RebindPrepareRequest& request) {
    TRY_ASSIGN(auto prepared, is_prepared(core, request));
    if (prepared) {
        TRY_ASSIGN(auto old, wire::decode_blob(request.blob));
        // Another member may have sealed this version anew since: what refuses it must not be
        // forgotten with the epoch before.
        core.unsynced = true;
        TRY(core.revocations.carry(old.header.key_id, core.group.epoch()));
        return answer(core, old.header.key_id, old.header.version + 1);
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
                      wire::RecordType::rebind_prepared,
                      request.host_time,
                      key_changed(key, version, request.new_policy, accepted)));
    // Who approved is on record before the old version dies: not the other way round, whenever the
    // power is cut.
    TRY(core.store.sync());
    approved.require();
    TRY(core.revocations.put(
        key.blob.header.key_id,
        {version, core.group.epoch(), keystore::policy_hash(request.new_policy)}));
    return answer(core, key.blob.header.key_id, version);
}

}  // namespace firmware::command
