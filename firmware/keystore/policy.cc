#include "firmware/keystore/policy.h"

#include "firmware/engine/digest.h"

namespace firmware::keystore {
namespace {

using hsm::protocol::BackupPolicy;
using hsm::protocol::Point;

constexpr hsm::Byte uncompressed_point = 0x04;  // SEC 1 §2.3.3

bool is_officer(const Point& point, const GroupConfiguration& group) {
    return std::ranges::find(group.officers, point) != group.officers.end();
}

Result<void> check_activation_keys(const Policy& policy, const GroupConfiguration& group) {
    for (std::size_t i = 0; i < policy.points.size(); ++i) {
        const auto key = policy.activation_key(i);
        const bool repeated =
            std::find(policy.points.begin(), policy.points.begin() + i, key.point) !=
            policy.points.begin() + i;
        if (repeated || key.point[0] != uncompressed_point || is_officer(key.point, group) ||
            (key.backup_eligible && policy.backup == BackupPolicy::refused)) {
            return Status::policy_invalid;
        }
    }
    return {};
}

}  // namespace

bool is_plain_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
    });
}

bool is_attended_by_holders(KeyKind kind) {
    return kind == KeyKind::person || kind == KeyKind::organisation;
}

Result<Policy> check_policy(ByteView encoded, KeyKind kind, const GroupConfiguration& group) {
    auto policy = hsm::protocol::decode<Policy>(encoded);
    if (!policy) {
        return Status::policy_invalid;
    }
    const bool holders_wanted = is_attended_by_holders(kind);
    if (policy->points.size() != policy->backup_eligible.size() ||
        policy->points.empty() == holders_wanted || policy->rp_id != group.rp_id ||
        policy->origin != group.origin) {
        return Status::policy_invalid;
    }
    TRY(check_activation_keys(*policy, group));
    return policy;
}

Digest policy_hash(ByteView encoded) {
    const ByteView parts[] = {encoded};
    return engine::sha256(parts);
}

}  // namespace firmware::keystore
