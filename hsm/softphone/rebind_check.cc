#include "hsm/softphone/rebind_check.h"

#include <algorithm>

#include "hsm/openssl/digest.h"
#include "hsm/protocol/short_code.h"
#include "hsm/softphone/key_check.h"

namespace hsm::softphone {
namespace {

using protocol::BackupPolicy;
using protocol::Policy;
using protocol::RebindStatement;

Bytes encoded(const Policy& policy) {
    Bytes bytes(protocol::policy_size_max);
    const auto written = protocol::encode(policy, bytes);
    CHECK(written.has_value());  // every field has its own limits already
    bytes.resize(written->size());
    return bytes;
}

// The one document is the statement, which the phone writes itself.
bool states(const Item& item, ByteView new_policy) {
    const RebindStatement statement{
        item.activation.key_id, item.activation.blob_version, new_policy};
    Bytes scratch(protocol::tagged_size_max<RebindStatement>());
    const auto written = protocol::encode_tagged(statement, scratch);
    return written.has_value() && item.documents.size() == 1 &&
           item.documents[0].label == RebindStatement::tag &&
           equal(item.documents[0].hash, sha256(*written));
}

Outcome<void> check_seen(const Digest& thumbprint, const SeenPhone& seen) {
    if (!seen.thumbprint && seen.short_code.empty()) {
        return refused("new_phone", "read the code on its screen: kyso-phone move");
    }
    const auto code = protocol::short_code(thumbprint);
    const bool same = seen.thumbprint ? *seen.thumbprint == thumbprint
                                      : std::ranges::equal(code, seen.short_code);
    return same ? Outcome<void>()
                : refused("new_phone", "is not the phone whose code was read; do not approve it");
}

// The key's next policy: all that this phone knows of the present one, and the new passkey in
// place of its own.
Outcome<Bytes> successor(const Item& item, const KnownKey& key, const Digest& own) {
    auto policy = protocol::decode<Policy>(key.policy);
    if (!policy || policy->activation_key_count() != 1 ||
        protocol::thumbprint(policy->points[0], sha256) != own) {
        return refused("activation.key_id", "this phone is not the key's only one");
    }
    policy->points[0] = item.new_phone->key.point;
    policy->backup_eligible[0] = item.new_phone->key.backup_eligible ? 1 : 0;
    return encoded(*policy);
}

Outcome<void> check_leaving(CheckedItem& checked,
                            const PhoneState& phone,
                            const Digest& own,
                            const Digest& thumbprint,
                            const SeenPhone& seen) {
    const auto& item = checked.item;
    const auto* key = phone.key(item.activation.key_id);
    if (phone.role != PhoneRole::signer || key == nullptr) {
        return refused("activation.key_id", "not a key that this phone was enrolled for");
    }
    TRY(check_known_key(item, *key));
    TRY(check_seen(thumbprint, seen));
    TRY_ASSIGN(checked.new_policy, successor(item, *key, own));
    if (!states(item, checked.new_policy)) {
        return refused("documents", "not the hash of the statement about these two phones");
    }
    return {};
}

// The new phone knows nothing of the key but what it is shown: whose it is, and that nobody else
// will activate it.
Outcome<void> check_arriving(CheckedItem& checked,
                             const PhoneState& phone,
                             const Digest& own,
                             const Digest& thumbprint) {
    const auto& item = checked.item;
    if (thumbprint != own || item.new_phone->key.backup_eligible != phone.backup_eligible) {
        return refused("new_phone", "is another phone than this one");
    }
    if (item.activation.blob_version == 0) {
        return refused("activation.blob_version", "this key is not bound");
    }
    Policy policy;
    policy.rp_id = phone.rp_id;
    policy.origin = phone.origin;
    policy.subject_hash = sha256(item.subject);
    CHECK(policy.points.push_back(item.new_phone->key.point));
    CHECK(policy.backup_eligible.push_back(phone.backup_eligible ? 1 : 0));
    for (const auto backup : {BackupPolicy::refused, BackupPolicy::allowed}) {
        policy.backup = backup;
        checked.new_policy = encoded(policy);
        if (states(item, checked.new_policy)) {
            return {};
        }
    }
    return refused("documents", "not the hash of the statement that this phone alone is the key's");
}

}  // namespace

Outcome<void> check_rebinding(CheckedItem& checked,
                              const PhoneState& phone,
                              const Digest& own,
                              const SeenPhone& seen) {
    const auto thumbprint = protocol::thumbprint(checked.item.new_phone->key.point, sha256);
    checked.key_thumbprints = {thumbprint};
    TRY(phone.joining ? check_arriving(checked, phone, own, thumbprint)
                      : check_leaving(checked, phone, own, thumbprint, seen));
    checked.policy_hash = sha256(ByteView(checked.new_policy));
    return {};
}

}  // namespace hsm::softphone
