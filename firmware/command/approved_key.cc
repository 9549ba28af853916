#include "firmware/command/approved_key.h"

#include <bit>

#include "firmware/engine/algorithm.h"
#include "firmware/engine/digest.h"
#include "firmware/keystore/group_statement.h"
#include "firmware/keystore/policy.h"

namespace firmware::command {

using hsm::protocol::Algorithm;
using hsm::protocol::ChallengePreimage;
using hsm::protocol::GroupConfiguration;
using hsm::protocol::KeyHeader;
using hsm::protocol::KeyKind;
using hsm::protocol::KeyType;
using hsm::protocol::Policy;

Result<void> check_purpose(Purpose purpose, const KeyHeader& header) {
    const bool by_holders = keystore::is_attended_by_holders(header.kind);
    const bool by_officers = header.kind == KeyKind::issuer;
    if ((purpose == Purpose::issue && !by_officers) ||
        ((purpose == Purpose::sign || purpose == Purpose::rebind) && !by_holders)) {
        return Status::blob_kind_wrong;
    }
    if (purpose == Purpose::bind) {
        return header.version == 0 ? Result<void>() : Status::blob_bound_already;
    }
    return header.version != 0 ? Result<void>() : Status::blob_unbound;
}

Result<void> check_algorithm(Purpose purpose, KeyType type, const Algorithm& algorithm) {
    if (!signs(purpose)) {
        return algorithm == Algorithm{} ? Result<void>() : Status::algorithm_wrong;
    }
    if (!engine::algorithm_fits(type, algorithm)) {
        return Status::algorithm_wrong;
    }
    return {};
}

Result<keystore::VerifiedBlob> open_blob(Core& core, ByteView blob) {
    TRY_ASSIGN(auto verified, keystore::verify_blob(core.engine, core.group.epoch(), blob));
    TRY(core.revocations.check(verified.header.key_id, verified.header.version));
    return verified;
}

Result<ApprovedKey> open_approved_key(Core& core,
                                      ByteView blob,
                                      ByteView preimage,
                                      const Digest& mac) {
    ApprovedKey key;
    key.now_ms = core.clock.tick_ms();
    TRY_ASSIGN(key.preimage, core.boot_key.open(preimage, mac));
    key.challenge = activation::challenge_of(preimage);
    // The boot key says as much already; these hold even if two modules ever drew the same one.
    if (key.preimage.module_id != core.identity.module_id) {
        return Status::activation_of_other_module;
    }
    if (key.preimage.boot_counter != core.boot_counter) {
        return Status::activation_of_other_boot;
    }
    if (key.now_ms >= key.preimage.expiry_tick_ms) {
        return Status::activation_expired;
    }
    TRY_ASSIGN(key.blob, open_blob(core, blob));
    TRY(check_purpose(key.preimage.purpose, key.blob.header));
    if (key.preimage.key_id != key.blob.header.key_id ||
        key.preimage.blob_version != key.blob.header.version ||
        key.preimage.policy_hash != key.blob.policy_hash) {
        return Status::activation_key_mismatch;
    }
    return key;
}

Result<void> check_statement_leaf(const ChallengePreimage& preimage,
                                  std::string_view tag,
                                  ByteView statement) {
    TRY_ASSIGN(auto root, hsm::protocol::statement_root(tag, statement, engine::sha256));
    if (preimage.leaf_count != 1 || !hsm::equal_constant_time(root, preimage.root)) {
        return Status::leaf_path_wrong;
    }
    return {};
}

Result<void> add_activation_keys(const Policy& policy, activation::Approvers& approvers) {
    for (std::size_t i = 0; i < policy.activation_key_count(); ++i) {
        if (!approvers.push_back(activation::approver(policy.activation_key(i), policy.backup))) {
            return Status::policy_invalid;
        }
    }
    return {};
}

namespace {

activation::Approver officer(const GroupConfiguration& group, std::size_t i) {
    return activation::approver({group.officers[i], group.officers_backup_eligible[i] == 1},
                                hsm::protocol::BackupPolicy::allowed);
}

}  // namespace

Result<void> add_officers(const GroupConfiguration& group, activation::Approvers& approvers) {
    for (std::size_t i = 0; i < group.officers.size(); ++i) {
        if (!approvers.push_back(officer(group, i))) {
            return Status::configuration_wrong;
        }
    }
    return {};
}

Result<void> check_bound_by_officer(const GroupConfiguration& group, const KeyHeader& header) {
    const bool known = std::ranges::any_of(group.officers, [&](const hsm::protocol::Point& point) {
        return hsm::protocol::thumbprint(point, engine::sha256) == header.officer;
    });
    const bool former =
        std::ranges::find(group.former_officers, header.officer) != group.former_officers.end();
    return known || former ? Result<void>() : Status::configuration_wrong;
}

std::size_t count_officers(const GroupConfiguration& group, const activation::Accepted& accepted) {
    unsigned persons = 0;
    for (std::size_t i = 0; i < group.officers.size(); ++i) {
        if (activation::approved_by(accepted, officer(group, i).thumbprint)) {
            persons |= 1u << group.officers_persons[i];
        }
    }
    return static_cast<std::size_t>(std::popcount(persons));
}

Result<activation::Accepted> check_officers(Core& core,
                                            const Digest& challenge,
                                            const hsm::protocol::Assertions& assertions) {
    const auto& group = core.group.configuration();
    activation::Approvers officers;
    TRY(add_officers(group, officers));
    TRY_ASSIGN(auto accepted,
               activation::verify_assertions(
                   core.engine, {group.rp_id, group.origin, challenge}, officers, assertions));
    if (count_officers(group, accepted) < group.officers_needed) {
        return Status::assertion_missing;
    }
    return accepted;
}

Result<ByteView> seal_revocation(Core& core, const Digest& key_id, std::uint32_t version) {
    return keystore::seal_statement(
        core.engine,
        core.group.epoch(),
        hsm::protocol::RevocationStatement{key_id, version, core.identity.module_id},
        core.workspace.receipt);
}

hsm::protocol::KeyChangedDetails key_changed(const ApprovedKey& key,
                                             std::uint32_t version,
                                             ByteView policy,
                                             const activation::Accepted& accepted) {
    hsm::protocol::KeyChangedDetails details;
    details.key_id = key.blob.header.key_id;
    details.version = version;
    details.policy_hash = keystore::policy_hash(policy);
    details.challenge = key.challenge;
    for (const auto& assertion : accepted) {
        CHECK(details.thumbprints.push_back(assertion.thumbprint));
        CHECK(details.assertion_hashes.push_back(assertion.hash));
    }
    return details;
}

}  // namespace firmware::command
