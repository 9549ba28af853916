#include "hsm/softphone/item_check.h"

#include <algorithm>

#include "hsm/openssl/digest.h"
#include "hsm/protocol/key_blob.h"
#include "hsm/protocol/merkle_tree.h"
#include "hsm/protocol/short_code.h"
#include "hsm/softphone/key_check.h"
#include "hsm/softphone/printable.h"
#include "hsm/softphone/rebind_check.h"
#include "hsm/softphone/subject_name.h"

namespace hsm::softphone {

Problem refused(std::string_view member, std::string_view why) {
    return {ProblemKind::refused, std::string(member) + ": " + std::string(why)};
}

Outcome<void> check_known_key(const Item& item, const KnownKey& key) {
    if (item.activation.policy_hash != key.policy_hash) {
        return refused("activation.policy_hash",
                       "who can activate this key is not what this phone approved");
    }
    if (item.activation.blob_version < std::max(key.version, std::uint32_t{1})) {
        return refused("activation.blob_version", "an older key than this phone has seen");
    }
    if (!same_subject(item.subject, key.subject)) {
        return refused("credential.subject", "this key was bound for " + printable(key.subject));
    }
    return {};
}

namespace {

using protocol::Algorithm;
using protocol::BindStatement;
using protocol::KeyKind;
using protocol::Policy;
using protocol::Purpose;
using protocol::Scheme;

// ---- what every purpose has in common

Outcome<void> check_state(const Item& item, std::int64_t now_ms) {
    if (!is_waiting(item)) {
        return refused("state", "nothing to approve, it is " + printable(item.state));
    }
    if (item.expires_at <= now_ms) {
        return refused("expires_at", "the time to answer is over; let it be asked again");
    }
    return {};
}

Outcome<void> check_place(const Item& item, const PhoneState& phone, const Digest& own) {
    if (item.rp_id != phone.rp_id) {
        return refused(
            "rp_id",
            "asked for " + printable(item.rp_id) + ", but this passkey is of " + phone.rp_id);
    }
    if (item.origin != phone.origin) {
        return refused(
            "origin",
            "asked at " + printable(item.origin) + ", but this phone approves at " + phone.origin);
    }
    if (!item.assurance_class.empty() && item.assurance_class != "software" &&
        item.assurance_class != "emulated") {
        return refused("assurance_class",
                       "a module of class " + printable(item.assurance_class) +
                           " needs a passkey in a real phone, not in software");
    }
    if (std::ranges::find(item.thumbprints, own) == item.thumbprints.end()) {
        return refused("thumbprints", "this phone's passkey is not asked for");
    }
    return {};
}

Outcome<void> check_algorithm(const Item& item) {
    const auto& algorithm = item.algorithm;
    if (item.purpose == Purpose::bind || item.purpose == Purpose::rebind ||
        item.purpose == Purpose::revoke) {
        if (algorithm != Algorithm{}) {
            return refused("algorithm", "nothing is signed with the key");
        }
        return {};
    }
    if (algorithm.scheme == Scheme::none) {
        return refused("algorithm.scheme", "a signature needs one");
    }
    if (algorithm.salt_length != 0 && algorithm.scheme != Scheme::rsa_pss) {
        return refused("algorithm.salt_length", "only RSASSA-PSS has a salt");
    }
    return {};
}

Outcome<Digest> compute_root(const Item& item) {
    std::vector<Digest> leaves;
    leaves.reserve(item.documents.size());
    for (const auto& document : item.documents) {
        const auto leaf = protocol::leaf_hash(static_cast<std::uint32_t>(leaves.size()),
                                              item.algorithm.digest,
                                              document.hash,
                                              sha256(document.label),
                                              sha256);
        if (!leaf) {
            return refused("documents", "a hash has not the length of the algorithm's digest");
        }
        leaves.push_back(*leaf);
    }
    const auto root = protocol::tree_root(leaves, sha256);
    if (!root) {
        return refused("documents", "there are none, or more than 1,024");
    }
    return *root;
}

Outcome<Digest> compute_context(const Item& item) {
    const protocol::Context context{item.requester, item.purpose_text, item.code, item.language};
    Bytes scratch(protocol::tagged_size_max<protocol::Context>());
    const auto hash = protocol::tagged_hash(context, scratch, sha256);
    if (!hash) {
        return refused("requester, purpose_text, code, language", "one of the texts is too long");
    }
    return *hash;
}

// Builds the challenge from what is shown; of the activation it takes only the module's own part.
Outcome<Digest> compute_challenge(const Item& item) {
    auto preimage = item.activation;
    preimage.purpose = item.purpose;
    preimage.algorithm = item.algorithm;
    TRY_ASSIGN(preimage.root, compute_root(item));
    TRY_ASSIGN(preimage.context_hash, compute_context(item));
    preimage.leaf_count = static_cast<std::uint32_t>(item.documents.size());
    if (preimage.leaf_count != item.activation.leaf_count) {
        return refused("activation.leaf_count", "is not the number of documents shown");
    }
    if (preimage.root != item.activation.root) {
        return refused("activation.root", "is not the root of the documents shown");
    }
    if (preimage.context_hash != item.activation.context_hash) {
        return refused("activation.context_hash",
                       "is not the hash of requester, purpose, code and language shown");
    }
    Bytes scratch(protocol::preimage_size_max);
    const auto challenge = protocol::tagged_hash(preimage, scratch, sha256);
    CHECK(challenge.has_value());  // every field has its own limits already
    return *challenge;
}

// ---- sign

Outcome<void> check_signing(CheckedItem& checked, const PhoneState& phone) {
    const auto& item = checked.item;
    if (phone.role != PhoneRole::signer) {
        return refused("purpose", "an officer signs for nobody");
    }
    const auto* key = phone.key(item.activation.key_id);
    if (key == nullptr) {
        return refused("activation.key_id", "not a key that this phone was enrolled for");
    }
    TRY(check_known_key(item, *key));
    checked.policy_hash = key->policy_hash;
    return {};
}

// ---- bind

Outcome<void> check_own_enrolment(const Item& item,
                                  const Policy& policy,
                                  const PhoneState& phone,
                                  const Digest& own) {
    const auto& key_id = item.statement->key_id;
    if (!phone.enrolment || item.credential_id != phone.enrolment->credential_id) {
        return refused("credential.id", "this phone has not asked to be enrolled for it");
    }
    if (item.statement->kind != KeyKind::person && item.statement->kind != KeyKind::organisation) {
        return refused("statement.kind", "not a key that a person activates");
    }
    for (const auto& key : phone.keys) {
        if (key.credential_id == item.credential_id && key.key_id != key_id) {
            return refused("statement.key_id", "this phone was enrolled for another key");
        }
    }
    // One invitation, one phone: a second key in the list would be somebody else's.
    if (policy.activation_key_count() != 1 ||
        protocol::thumbprint(policy.points[0], sha256) != own) {
        return refused("statement.policy", "this phone's passkey is not its one activation key");
    }
    if (policy.activation_key(0).backup_eligible != phone.backup_eligible) {
        return refused("statement.policy", "says otherwise whether this passkey is synced");
    }
    return {};
}

// What an officer vouches for; whose phone it is shows only when both read the short code.
Outcome<void> check_confirmation(CheckedItem& checked, const Policy& policy) {
    const auto kind = checked.item.statement->kind;
    const bool held = kind == KeyKind::person || kind == KeyKind::organisation;
    if (held == policy.points.empty()) {
        return refused("statement.policy",
                       held ? "nobody could activate this key"
                            : "this kind of key has no activation keys of its own");
    }
    if (policy.activation_key_count() > 1) {
        checked.notices.push_back(std::to_string(policy.activation_key_count()) +
                                  " passkeys will activate this key: compare the code of each");
    }
    return {};
}

Outcome<void> check_bind_activation(const Item& item, const Digest& policy_hash) {
    if (item.statement->key_id != item.activation.key_id) {
        return refused("statement.key_id", "is not the activation's");
    }
    if (item.activation.policy_hash != policy_hash) {
        return refused("activation.policy_hash", "is not the hash of the policy");
    }
    if (item.activation.blob_version != 0) {
        return refused("activation.blob_version", "this key is bound already");
    }
    return {};
}

// The one document of a binding is the statement, which the phone writes itself.
Outcome<void> check_statement(CheckedItem& checked, const Policy& policy) {
    const auto& item = checked.item;
    BindStatement statement;
    statement.kind = item.statement->kind;
    statement.key_id = item.statement->key_id;
    statement.policy = item.statement->policy;
    statement.subject_hash = policy.subject_hash;
    for (const auto& point : policy.points) {
        checked.key_thumbprints.push_back(protocol::thumbprint(point, sha256));
        CHECK(statement.thumbprints.push_back(checked.key_thumbprints.back()));
    }
    Bytes scratch(protocol::tagged_size_max<BindStatement>());
    const auto encoded = protocol::encode_tagged(statement, scratch);
    CHECK(encoded.has_value());
    if (item.documents.size() != 1 || item.documents[0].label != BindStatement::tag) {
        return refused("documents", "a binding has one document, the statement");
    }
    if (!equal(item.documents[0].hash, sha256(*encoded))) {
        return refused("documents", "not the hash of the statement about this key");
    }
    return {};
}

Outcome<void> check_binding(CheckedItem& checked, const PhoneState& phone, const Digest& own) {
    const auto& item = checked.item;
    if (!item.statement) {
        return refused("statement", "a binding without one");
    }
    const auto policy = protocol::decode<Policy>(item.statement->policy);
    if (!policy || policy->points.size() != policy->backup_eligible.size()) {
        return refused("statement.policy", "cannot be read");
    }
    if (policy->rp_id != phone.rp_id || policy->origin != phone.origin) {
        return refused("statement.policy", "names another rpId or origin than this phone's");
    }
    if (policy->subject_hash != sha256(item.subject)) {
        return refused("credential.subject", "is not the subject that the key is bound for");
    }
    checked.policy_hash = sha256(ByteView(item.statement->policy));
    TRY(check_bind_activation(item, checked.policy_hash));
    TRY(check_statement(checked, *policy));
    if (phone.role == PhoneRole::officer) {
        return check_confirmation(checked, *policy);
    }
    return check_own_enrolment(item, *policy, phone, own);
}

// ---- issue

Outcome<void> check_subject_key(CheckedItem& checked,
                                const TbsCertificate& certificate,
                                const PhoneState& phone) {
    const bool root = certificate.key_id == checked.item.activation.key_id;
    if (certificate.authority != root) {
        return refused("certificates",
                       root ? "the authority's own certificate must say that it is one"
                            : printable(certificate.subject) + " would become an authority");
    }
    if (root && !same_subject(certificate.subject, certificate.issuer)) {
        return refused("certificates", "the authority's own certificate has another issuer");
    }
    const auto* key = phone.key(certificate.key_id);
    if (key == nullptr) {
        checked.notices.push_back("the key of " + printable(certificate.subject) +
                                  " was not confirmed on this phone");
        return {};
    }
    if (!same_subject(certificate.subject, key->subject)) {
        return refused("certificates",
                       printable(certificate.subject) + " has the key that was confirmed for " +
                           printable(key->subject));
    }
    return {};
}

Outcome<void> check_issuer(CheckedItem& checked, const PhoneState& phone) {
    const auto& item = checked.item;
    checked.policy_hash = item.activation.policy_hash;
    const auto* issuer = phone.key(item.activation.key_id);
    if (issuer == nullptr) {
        checked.notices.push_back("the authority's key was not confirmed on this phone");
        if (item.activation.blob_version == 0) {
            return refused("activation.blob_version", "this key is not bound");
        }
        return {};
    }
    if (issuer->kind != KeyKind::issuer) {
        return refused("activation.key_id", "not the key of an authority");
    }
    TRY(check_known_key(item, *issuer));
    for (const auto& certificate : checked.certificates) {
        if (!same_subject(certificate.issuer, issuer->subject)) {
            return refused("certificates", "an issuer that is not this authority");
        }
    }
    return {};
}

Outcome<void> check_issuing(CheckedItem& checked, const PhoneState& phone) {
    const auto& item = checked.item;
    if (phone.role != PhoneRole::officer) {
        return refused("purpose", "only officers issue certificates");
    }
    if (item.certificates.size() != item.documents.size()) {
        return refused("certificates", "not one for each document");
    }
    for (std::size_t i = 0; i < item.documents.size(); ++i) {
        const auto& tbs = item.certificates[i].tbs;
        if (item.documents[i].hash != openssl::digest_of(tbs, item.algorithm.digest)) {
            return refused("documents", "not the hash of the certificate shown");
        }
        TRY_ASSIGN(auto certificate, read_tbs_certificate(tbs));
        if (item.documents[i].label != "certificate: " + certificate.subject) {
            return refused("documents", "the label is not the certificate's subject");
        }
        TRY(check_subject_key(checked, certificate, phone));
        checked.certificates.push_back(std::move(certificate));
    }
    return check_issuer(checked, phone);
}

// ---- revoke

// The one document is the statement, which the phone writes itself.
Outcome<void> check_revocation_statement(const Item& item) {
    const protocol::RevokeKeyStatement statement{item.activation.key_id,
                                                 item.activation.blob_version};
    Bytes scratch(protocol::tagged_size_max<protocol::RevokeKeyStatement>());
    const auto encoded = protocol::encode_tagged(statement, scratch);
    CHECK(encoded.has_value());
    if (item.documents.size() != 1 ||
        item.documents[0].label != protocol::RevokeKeyStatement::tag) {
        return refused("documents", "a revocation has one document, the statement");
    }
    if (!equal(item.documents[0].hash, sha256(*encoded))) {
        return refused("documents", "not the hash of the statement about this key");
    }
    return {};
}

Outcome<void> check_revoking(CheckedItem& checked, const PhoneState& phone) {
    const auto& item = checked.item;
    if (phone.role != PhoneRole::officer) {
        return refused("purpose", "only officers revoke keys");
    }
    TRY(check_revocation_statement(item));
    checked.policy_hash = item.activation.policy_hash;
    const auto* key = phone.key(item.activation.key_id);
    if (key == nullptr) {
        checked.notices.push_back("that it is the key of " + printable(item.subject) +
                                  " was not confirmed on this phone");
    } else if (!same_subject(item.subject, key->subject)) {
        return refused("credential.subject", "this key was bound for " + printable(key->subject));
    }
    return {};
}

}  // namespace

bool is_waiting(const Item& item) {
    return item.state == "created" || item.state == "notified" || item.state == "seen";
}

Outcome<CheckedItem> check_item(Item item,
                                const PhoneState& phone,
                                const Digest& own_thumbprint,
                                std::int64_t now_ms,
                                const SeenPhone& seen) {
    TRY(check_state(item, now_ms));
    if (item.code_typed && item.code.empty()) {
        return refused("code", "is on the screen where this began: type it (approve --number)");
    }
    TRY(check_place(item, phone, own_thumbprint));
    TRY(check_algorithm(item));
    if (item.key_id != item.activation.key_id) {
        return refused("credential.key_id", "is not the key of the activation");
    }
    if (item.statement.has_value() != (item.purpose == Purpose::bind)) {
        return refused("statement", "belongs to a binding, and to nothing else");
    }
    if (!item.certificates.empty() && item.purpose != Purpose::issue) {
        return refused("certificates", "belong to an issuance, and to nothing else");
    }
    if (item.new_phone.has_value() != (item.purpose == Purpose::rebind)) {
        return refused("new_phone", "belongs to a change of phones, and to nothing else");
    }
    CheckedItem checked;
    checked.item = std::move(item);
    switch (checked.item.purpose) {
        case Purpose::sign:
            TRY(check_signing(checked, phone));
            break;
        case Purpose::bind:
            TRY(check_binding(checked, phone, own_thumbprint));
            break;
        case Purpose::issue:
            TRY(check_issuing(checked, phone));
            break;
        case Purpose::revoke:
            TRY(check_revoking(checked, phone));
            break;
        case Purpose::rebind:
            TRY(check_rebinding(checked, phone, own_thumbprint, seen));
            break;
    }
    TRY_ASSIGN(checked.challenge, compute_challenge(checked.item));
    return checked;
}

}  // namespace hsm::softphone
