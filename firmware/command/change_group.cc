#include "firmware/activation/approvals.h"
#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/command/custodian_signatures.h"
#include "firmware/engine/digest.h"
#include "firmware/hardening/decision.h"
#include "hsm/protocol/key_blob.h"

namespace firmware::command {
namespace {

using wire::GroupConfiguration;

bool contains(const auto& list, const auto& item) {
    return std::ranges::find(list, item) != list.end();
}

// Former officers come from the officers and former officers of before: nobody else's binding of an
// issuer's key is to count.
bool former_officers_are_ours(const GroupConfiguration& before, const GroupConfiguration& after) {
    return std::ranges::all_of(after.former_officers, [&](const Digest& former) {
        return contains(before.former_officers, former) ||
               std::ranges::any_of(before.officers, [&](const wire::Point& officer) {
                   return wire::thumbprint(officer, engine::sha256) == former;
               });
    });
}

// The same group, one revision on. Where the approval passkeys live is inside every key's policy
// and cannot change.
Result<void> check_successor(const GroupConfiguration& before, const GroupConfiguration& after) {
    const bool same_group = after.group_id == before.group_id && after.rp_id == before.rp_id &&
                            after.origin == before.origin &&
                            after.revision == std::uint64_t{before.revision} + 1;
    return same_group && former_officers_are_ours(before, after) ? Result<void>()
                                                                 : Status::configuration_wrong;
}

bool same_custodians(const GroupConfiguration& before, const GroupConfiguration& after) {
    return before.custodians_needed == after.custodians_needed &&
           std::ranges::equal(before.custodians, after.custodians);
}

// A member is dropped on its own last word, or on the custodians': one that lives on with the KEK,
// unasked, would go on accepting what the others revoke.
Result<bool> has_receipt(Core& core,
                         const Digest& member,
                         const wire::ChangeGroupRequest& request) {
    for (const auto& receipt : request.receipts) {
        TRY_ASSIGN(const auto bytes, wire::decode_signed(receipt));
        const auto said = wire::decode_tagged<wire::ZeroisedStatement>(bytes.statement);
        if (!said) {
            return Status::malformed;
        }
        const auto spki = wire::p256_spki(said->identity);
        const ByteView parts[] = {spki};
        if (engine::sha256(parts) != member ||
            said->group_id != core.group.configuration().group_id) {
            continue;
        }
        const ByteView statement[] = {bytes.statement};
        TRY(core.engine.verify_p256(said->identity, engine::sha256(statement), bytes.signature));
        return true;
    }
    return false;
}

Result<bool> all_leave_with_receipts(Core& core,
                                     const GroupConfiguration& after,
                                     const wire::ChangeGroupRequest& request) {
    for (const auto& member : core.group.configuration().members) {
        if (!contains(after.members, member)) {
            TRY_ASSIGN(const bool receipt, has_receipt(core, member, request));
            if (!receipt) {
                return false;
            }
        }
    }
    return true;
}

Result<void> check_custodians_agree(Core& core,
                                    const GroupConfiguration& after,
                                    const Digest& challenge,
                                    const wire::ChangeGroupRequest& request) {
    const auto& before = core.group.configuration();
    TRY_ASSIGN(const bool receipts, all_leave_with_receipts(core, after, request));
    if (same_custodians(before, after) && receipts) {
        return {};
    }
    return check_custodians(core, before, challenge, request.custodian_signatures);
}

// k officers of before, and each new passkey: nobody becomes an officer unknowing.
Result<activation::Accepted> check_officers_agree(Core& core,
                                                  const GroupConfiguration& after,
                                                  const Digest& challenge,
                                                  const wire::Assertions& assertions) {
    const auto& before = core.group.configuration();
    activation::Approvers approvers;
    TRY(add_officers(before, approvers));
    GroupConfiguration joining;
    for (std::size_t i = 0; i < after.officers.size(); ++i) {
        if (!contains(before.officers, after.officers[i])) {
            CHECK(joining.officers.push_back(after.officers[i]) &&
                  joining.officers_backup_eligible.push_back(after.officers_backup_eligible[i]));
        }
    }
    TRY(add_officers(joining, approvers));
    TRY_ASSIGN(auto accepted,
               activation::verify_assertions(
                   core.engine, {before.rp_id, before.origin, challenge}, approvers, assertions));
    const bool all_new = std::ranges::all_of(joining.officers, [&](const wire::Point& officer) {
        return activation::approved_by(accepted, wire::thumbprint(officer, engine::sha256));
    });
    if (!all_new || count_officers(before, accepted) < before.officers_needed) {
        return Status::assertion_missing;
    }
    return accepted;
}

wire::GroupChangedDetails changed(const wire::ChangeGroupRequest& request,
                                  const Digest& challenge,
                                  const activation::Accepted& accepted) {
    wire::GroupChangedDetails details;
    details.configuration = request.configuration;
    details.challenge = challenge;
    for (const auto& assertion : accepted) {
        CHECK(details.thumbprints.push_back(assertion.thumbprint) &&
              details.assertion_hashes.push_back(assertion.hash));
    }
    return details;
}

}  // namespace

Result<wire::ChangeGroupResponse> change_group(Core& core,
                                               const wire::ChangeGroupRequest& request) {
    TRY_ASSIGN(auto after,
               keystore::check_configuration(
                   request.configuration, core.identity.module_id, core.settings.assurance_class));
    const auto& before = core.group.configuration();
    const ByteView parts[] = {request.configuration};
    const wire::ChangeStatement statement{
        before.group_id, core.group.configuration_hash(), engine::sha256(parts)};
    std::array<Byte, wire::tagged_size_max<wire::ChangeStatement>()> buffer{};
    TRY_ASSIGN(const auto challenge, wire::tagged_hash(statement, buffer, engine::sha256));
    activation::Accepted accepted;
    hardening::Decision agreed;
    TRY(agreed.make([&]() -> Result<void> {
        TRY(check_successor(before, after));
        TRY_ASSIGN(accepted, check_officers_agree(core, after, challenge, request.assertions));
        return check_custodians_agree(core, after, challenge, request);
    }));
    TRY(core.log.check_room());
    TRY(append_record(core,
                      wire::RecordType::group_changed,
                      request.host_time,
                      changed(request, challenge, accepted)));
    // On record before it counts: not the other way round, whenever the power is cut.
    TRY(core.store.sync());
    core.ceremony.close();
    agreed.require();
    TRY(core.group.change(core.store, request.configuration));
    return wire::ChangeGroupResponse{};
}

}  // namespace firmware::command
