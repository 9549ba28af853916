#include "firmware/activation/approvals.h"

#include "firmware/engine/digest.h"

namespace firmware::activation {
namespace {

Result<Approver> find(const Approvers& approvers, const Digest& thumbprint) {
    for (const auto& candidate : approvers) {
        if (candidate.thumbprint == thumbprint) {
            return candidate;
        }
    }
    return Status::assertion_key_unknown;
}

}  // namespace

Approver approver(const ActivationKey& key, BackupPolicy backup) {
    return {hsm::protocol::thumbprint(key.point, engine::sha256), key, backup};
}

Result<Accepted> verify_assertions(engine::Engine& engine,
                                   const AssertionRule& rule,
                                   const Approvers& approvers,
                                   const hsm::protocol::Assertions& assertions) {
    if (assertions.empty()) {
        return Status::assertion_missing;
    }
    Accepted accepted;
    for (const auto& encoded : assertions) {
        TRY_ASSIGN(auto assertion, hsm::protocol::decode_assertion(encoded));
        TRY_ASSIGN(auto by, find(approvers, assertion.thumbprint));
        // k officers are k people: the same passkey twice is one of them.
        if (approved_by(accepted, assertion.thumbprint)) {
            return Status::assertion_repeated;
        }
        TRY_ASSIGN(auto checked, verify_assertion(engine, rule, by, assertion));
        CHECK(accepted.push_back(checked));
    }
    return accepted;
}

bool approved_by(const Accepted& accepted, const Digest& thumbprint) {
    return std::ranges::any_of(
        accepted, [&](const AcceptedAssertion& one) { return one.thumbprint == thumbprint; });
}

}  // namespace firmware::activation
