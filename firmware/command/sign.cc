#include "firmware/audit/device_signature.h"
#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/engine/algorithm.h"
#include "firmware/engine/digest.h"
#include "firmware/hardening/decision.h"
#include "hsm/protocol/merkle_tree.h"

namespace firmware::command {
namespace {

// A person's or organisation's key: at least one of its activation keys. An issuer's: k officers.
Result<activation::Accepted> check_assertions(Core& core,
                                              const ApprovedKey& key,
                                              const wire::Assertions& assertions) {
    const auto& group = core.group.configuration();
    const bool issue = key.preimage.purpose == Purpose::issue;
    if (issue) {
        TRY(check_bound_by_officer(group, key.blob.header));
    }
    activation::Approvers approvers;
    TRY(issue ? add_officers(group, approvers) : add_activation_keys(key.blob.policy, approvers));
    TRY_ASSIGN(
        auto accepted,
        activation::verify_assertions(core.engine, key.assertion_rule(), approvers, assertions));
    if (issue && count_officers(group, accepted) < group.officers_needed) {
        return Status::assertion_missing;
    }
    return accepted;
}

Result<void> check_leaf(const ApprovedKey& key, const wire::SignRequest& request) {
    TRY_ASSIGN(auto leaf,
               wire::leaf_hash(request.leaf_index,
                               key.preimage.algorithm.digest,
                               request.hash,
                               request.label_hash,
                               engine::sha256));
    return wire::verify_path(leaf,
                             request.leaf_index,
                             key.preimage.leaf_count,
                             request.path,
                             key.preimage.root,
                             engine::sha256);
}

wire::SignedDetails signed_details(const Core& core,
                                   const ApprovedKey& key,
                                   const wire::SignRequest& request,
                                   const activation::Accepted& accepted,
                                   ByteView signature) {
    wire::SignedDetails details;
    details.key_id = key.blob.header.key_id;
    details.version = key.blob.header.version;
    details.purpose = key.preimage.purpose;
    details.algorithm = key.preimage.algorithm;
    details.leaf_index = request.leaf_index;
    details.leaf_count = key.preimage.leaf_count;
    details.hash = request.hash;
    details.label_hash = request.label_hash;
    details.challenge = key.challenge;
    details.context_hash = key.preimage.context_hash;
    for (const auto& assertion : accepted) {
        CHECK(details.thumbprints.push_back(assertion.thumbprint));
        CHECK(details.flags.push_back(assertion.flags));
        CHECK(details.sign_counts.push_back(assertion.sign_count));
        CHECK(details.assertion_hashes.push_back(assertion.hash));
    }
    details.backup = key.blob.policy.backup;
    details.assurance_class = core.settings.assurance_class;
    details.firmware_hash = core.settings.firmware_hash;
    details.signature = signature;
    return details;
}

// All that has to hold before the key is touched; changes nothing.
struct Approval {
    ApprovedKey key;
    activation::Accepted accepted;
    Ledger::Place place;
};

Result<void> approve(Core& core, const wire::SignRequest& request, Approval& approval) {
    auto& key = approval.key;
    TRY_ASSIGN(key, open_approved_key(core, request.blob, request.preimage, request.mac));
    if (!signs(key.preimage.purpose)) {
        return Status::activation_purpose_wrong;
    }
    TRY_ASSIGN(approval.accepted, check_assertions(core, key, request.assertions));
    TRY(check_leaf(key, request));
    TRY(core.self_tests.require(
        engine::tests_of(key.blob.header.key_type, key.preimage.algorithm.scheme)));
    TRY(core.log.check_room());
    if (!core.results.has_room()) {
        return Status::busy;
    }
    TRY_ASSIGN(approval.place, core.ledger.find(key.occurrence(request.leaf_index), key.now_ms));
    return {};
}

// Not in sign(): nothing that a fault has spoilt there, not the ledger's place in `core` either, is
// used for both.
[[gnu::noinline]] bool is_spent(Core& core, const ApprovedKey& key, std::uint32_t leaf_index) {
    return !hardening::found_anew(core)
                .ledger.find(key.occurrence(leaf_index), key.now_ms)
                .has_value();
}

}  // namespace

Result<wire::SignResponse> sign(Core& core, const wire::SignRequest& request) {
    Approval approval;
    hardening::Decision approved;
    TRY(approved.make([&] { return approve(core, request, approval); }));
    const auto& [key, accepted, place] = approval;
    core.ledger.spend(place, key.occurrence(request.leaf_index));
    // A spending that has left no trace would be an approval for the next request as well.
    hardening::read_anew();
    CHECK(is_spent(core, key, request.leaf_index));
    approved.require();

    auto& signature = core.workspace.signature;
    signature = {};
    TRY(core.engine.sign_sealed(core.group.epoch(),
                                key.blob.header.key_type,
                                key.blob.wrapped,
                                key.blob.header.spki,
                                key.preimage.algorithm,
                                request.hash,
                                signature));
    CHECK(hsm::equal(signature.verified_hash, request.hash));
    // A wild store may have changed the request itself since it was approved.
    hardening::read_anew();
    CHECK(check_leaf(key, request).has_value());
    TRY_ASSIGN(auto record,
               append_record(core,
                             wire::RecordType::signed_leaf,
                             request.host_time,
                             signed_details(core, key, request, accepted, signature)));
    TRY(core.results.add({key.challenge, request.leaf_index}, core.log.last_index()));
    TRY_ASSIGN(auto receipt,
               audit::sign_receipt(core.engine,
                                   core.identity.module_id,
                                   record,
                                   core.workspace.statement,
                                   core.workspace.receipt));
    return wire::SignResponse{signature, receipt};
}

}  // namespace firmware::command
