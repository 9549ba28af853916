#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/hardening/decision.h"
#include "firmware/keystore/policy.h"

namespace firmware::command {
namespace {

// What the new holders and the officer approved, built again from the blob alone.
Result<void> check_bind_statement(Core& core, const ApprovedKey& key) {
    const auto& header = key.blob.header;
    wire::BindStatement statement;
    statement.kind = header.kind;
    statement.key_id = header.key_id;
    statement.policy = header.policy;
    statement.subject_hash = key.blob.policy.subject_hash;
    activation::Approvers holders;
    TRY(add_activation_keys(key.blob.policy, holders));
    for (const auto& holder : holders) {
        CHECK(statement.thumbprints.push_back(holder.thumbprint));
    }
    TRY_ASSIGN(auto encoded, wire::encode_tagged(statement, core.workspace.statement));
    return check_statement_leaf(key.preimage, wire::BindStatement::tag, encoded);
}

// Every initial activation key and an officer; an issuer key, which has none of the former, takes
// as many officers as the configuration asks.
Result<void> check_enough(Core& core,
                          const ApprovedKey& key,
                          const activation::Accepted& accepted) {
    const auto& group = core.group.configuration();
    activation::Approvers holders;
    TRY(add_activation_keys(key.blob.policy, holders));
    for (const auto& holder : holders) {
        if (!activation::approved_by(accepted, holder.thumbprint)) {
            return Status::assertion_missing;
        }
    }
    const std::size_t officers_needed =
        keystore::is_attended_by_holders(key.blob.header.kind) ? 1 : group.officers_needed;
    return count_officers(group, accepted) >= officers_needed ? Result<void>()
                                                              : Status::assertion_missing;
}

Result<Digest> first_officer(Core& core, const activation::Accepted& accepted) {
    activation::Approvers officers;
    TRY(add_officers(core.group.configuration(), officers));
    for (const auto& assertion : accepted) {
        for (const auto& officer : officers) {
            if (assertion.thumbprint == officer.thumbprint) {
                return assertion.thumbprint;
            }
        }
    }
    return Status::assertion_missing;
}

// All that has to hold before the blob is sealed; changes nothing.
struct Approval {
    ApprovedKey key;
    activation::Accepted accepted;
    Digest officer{};
    Ledger::Place place;
};

Result<void> approve(Core& core, const wire::BindRequest& request, Approval& approval) {
    auto& [key, accepted, officer, place] = approval;
    TRY_ASSIGN(key, open_approved_key(core, request.blob, request.preimage, request.mac));
    if (key.preimage.purpose != Purpose::bind) {
        return Status::activation_purpose_wrong;
    }
    activation::Approvers approvers;
    TRY(add_activation_keys(key.blob.policy, approvers));
    TRY(add_officers(core.group.configuration(), approvers));
    TRY_ASSIGN(accepted,
               activation::verify_assertions(
                   core.engine, key.assertion_rule(), approvers, request.assertions));
    TRY(check_enough(core, key, accepted));
    TRY(check_bind_statement(core, key));
    TRY_ASSIGN(officer, first_officer(core, accepted));
    TRY(core.log.check_room());
    TRY_ASSIGN(place, core.ledger.find(key.occurrence(0), key.now_ms));
    return {};
}

}  // namespace

Result<wire::BindResponse> bind(Core& core, const wire::BindRequest& request) {
    Approval approval;
    hardening::Decision approved;
    TRY(approved.make([&] { return approve(core, request, approval); }));
    const auto& [key, accepted, officer, place] = approval;
    core.ledger.spend(place, key.occurrence(0));

    auto header = key.blob.header;
    header.version = 1;
    header.officer = officer;
    approved.require();
    TRY_ASSIGN(auto blob,
               keystore::seal_blob(core.engine, header, key.blob.wrapped, core.workspace.blob));
    TRY(append_record(core,
                      wire::RecordType::key_bound,
                      request.host_time,
                      key_changed(key, header.version, header.policy, accepted)));
    return wire::BindResponse{blob};
}

}  // namespace firmware::command
