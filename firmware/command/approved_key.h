#pragma once

#include "firmware/activation/approvals.h"
#include "firmware/command/core.h"
#include "firmware/keystore/key_blob.h"

// What the commands that need somebody's approval have in common.
namespace firmware::command {

using hsm::protocol::Purpose;

// May a key with this header be activated for this purpose at all? `blob_kind_wrong`,
// `blob_unbound`, `blob_bound_already`.
Result<void> check_purpose(Purpose purpose, const hsm::protocol::KeyHeader& header);

// Does an activation of this purpose end in signatures of the key itself? The others approve one
// statement of ours.
constexpr bool signs(Purpose purpose) {
    return purpose == Purpose::sign || purpose == Purpose::issue;
}

// Does the algorithm fit the purpose and the key? Purposes that do not sign with the key have
// {none, sha256, 0}; PSS has a salt as long as its digest (RFC 8017 §9.1). `algorithm_wrong`.
Result<void> check_algorithm(Purpose purpose,
                             hsm::protocol::KeyType type,
                             const hsm::protocol::Algorithm& algorithm);

// A blob of this group's current epoch whose version is not revoked here.
Result<keystore::VerifiedBlob> open_blob(Core& core, ByteView blob);

// An activation handed back together with the blob that it was opened for.
struct ApprovedKey {
    hsm::protocol::ChallengePreimage preimage;
    Digest challenge{};
    keystore::VerifiedBlob blob;
    std::uint64_t now_ms = 0;

    activation::Occurrence occurrence(std::uint32_t leaf_index) const {
        return {preimage.sequence, preimage.expiry_tick_ms, leaf_index, preimage.leaf_count};
    }
    activation::AssertionRule assertion_rule() const {
        return {blob.policy.rp_id, blob.policy.origin, challenge};
    }
};

// Steps 1 to 3 of ARCHITECTURE.md §4.5, the same for whatever is approved: the preimage is ours,
// of this start and unexpired; the blob is ours, current, and the very one that it was opened for.
Result<ApprovedKey> open_approved_key(Core& core,
                                      ByteView blob,
                                      ByteView preimage,
                                      const Digest& mac);

// `statement` is the single leaf of the activation (bind, rebind, revoke): `leaf_path_wrong`.
Result<void> check_statement_leaf(const hsm::protocol::ChallengePreimage& preimage,
                                  std::string_view tag,
                                  ByteView statement);

// Who may approve, as lists to verify against and to count.
Result<void> add_activation_keys(const hsm::protocol::Policy& policy,
                                 activation::Approvers& approvers);
Result<void> add_officers(const hsm::protocol::GroupConfiguration& group,
                          activation::Approvers& approvers);
// An issuer's and a service's key answer to officers, and which those are is this module's
// configuration. A module that somebody provisioned with officers of their own, and that joined the
// epoch all the same, must not sign with such keys of the group: one of its officers, or of the
// former ones that its officers list, has bound this key, or `configuration_wrong`.
Result<void> check_bound_by_officer(const hsm::protocol::GroupConfiguration& group,
                                    const hsm::protocol::KeyHeader& header);
// How many different officers are among those who approved: people, not passkeys.
std::size_t count_officers(const hsm::protocol::GroupConfiguration& group,
                           const activation::Accepted& accepted);

// k of the group's officers over `challenge`, and who they were: for what concerns the module and
// not one key. What verify_assertions() answers, `assertion_missing` for fewer than k people.
Result<activation::Accepted> check_officers(Core& core,
                                            const Digest& challenge,
                                            const hsm::protocol::Assertions& assertions);

// What every other member is told of a key that was rebound or revoked here: its blobs below
// `version` are refused. Lives in the workspace's receipt.
Result<ByteView> seal_revocation(Core& core, const Digest& key_id, std::uint32_t version);

// The audit record of a change of activation keys.
hsm::protocol::KeyChangedDetails key_changed(const ApprovedKey& key,
                                             std::uint32_t version,
                                             ByteView policy,
                                             const activation::Accepted& accepted);

}  // namespace firmware::command
