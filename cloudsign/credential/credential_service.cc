#include "cloudsign/credential/credential_service.h"

#include "cloudsign/base64.h"
#include "cloudsign/credential/issuance_payload.h"
#include "cloudsign/credential/read_blob.h"
#include "cloudsign/identity/device_sessions.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/identity/text.h"
#include "cloudsign/module_error.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/random.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/certification_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/signer_table.h"
#include "cloudsign/store/transaction_table.h"

namespace cloudsign::credential {
namespace {

bool is_deleted(const store::Credential& credential) {
    return credential.status == store::CredentialStatus::deleted;
}

using hsm::protocol::ActivationKey;
using hsm::protocol::KeyKind;
using hsm::protocol::KeyType;
using hsm::protocol::Purpose;
using store::CredentialOwner;
using store::CredentialStatus;
using store::CredentialTable;

constexpr std::int64_t day_ms = 24ll * 3600 * 1000;
constexpr std::int64_t invitation_ms = 7 * day_ms;
constexpr hsm::protocol::Algorithm signs_nothing{};  // of bind and rebind

Error conflict(std::string detail) {
    return {ErrorKind::conflict, std::move(detail)};
}

Result<Bytes> encode_policy(const hsm::protocol::Policy& policy) {
    Bytes buffer(hsm::protocol::policy_size_max);
    const auto encoded = hsm::protocol::encode(policy, buffer);
    if (!encoded) {
        return Error{ErrorKind::invalid, "the key's policy is too large"};
    }
    buffer.resize(encoded->size());
    return buffer;
}

Result<Bytes> bind_statement(const hsm::protocol::KeyBlob& blob) {
    const auto policy = hsm::protocol::decode<hsm::protocol::Policy>(blob.header.policy);
    if (!policy) {
        return Error{ErrorKind::internal, "the module's key policy cannot be read"};
    }
    hsm::protocol::BindStatement statement;
    statement.kind = blob.header.kind;
    statement.key_id = blob.header.key_id;
    statement.policy = blob.header.policy;
    statement.subject_hash = policy->subject_hash;
    for (const auto& point : policy->points) {
        CHECK(statement.thumbprints.push_back(hsm::protocol::thumbprint(point, cloudsign::sha256)));
    }
    Bytes buffer(2048);
    const auto encoded = hsm::protocol::encode_tagged(statement, buffer);
    CHECK(encoded.has_value());
    buffer.resize(encoded->size());
    return buffer;
}

// The signer's phones whose passkeys activate the key.
Result<std::vector<store::Device>> phones_of(store::Session& session,
                                             const std::string& signer_id,
                                             const Bytes& blob) {
    TRY_ASSIGN(auto decoded, read_blob(blob));
    const auto policy = hsm::protocol::decode<hsm::protocol::Policy>(decoded.header.policy);
    if (!policy) {
        return Error{ErrorKind::internal, "the module's key policy cannot be read"};
    }
    TRY_ASSIGN(auto devices,
               store::DeviceTable(session).of_owner(store::DeviceOwner::signer, signer_id));
    std::erase_if(devices, [&](const store::Device& device) {
        return std::ranges::find(policy->points, device.point) == policy->points.end();
    });
    return devices;
}

// The phones of a binding that was never confirmed: whoever opened the invitation first may have
// been somebody else.
Result<void> remove_replaced(store::Session& session,
                             const std::string& signer_id,
                             const std::optional<Bytes>& blob) {
    if (!blob) {
        return {};
    }
    TRY_ASSIGN(auto phones, phones_of(session, signer_id, *blob));
    for (const auto& phone : phones) {
        TRY(store::DeviceTable(session).set_status(phone.id, store::DeviceStatus::removed));
    }
    return {};
}

Result<void> tell_enrolled(store::Session& session,
                           const Clock& clock,
                           const store::Credential& credential) {
    if (!credential.signer_id) {
        return {};
    }
    TRY_ASSIGN(auto phones, phones_of(session, *credential.signer_id, *credential.blob));
    for (const auto& phone : phones) {
        TRY(notice::tell(
            session, clock, *credential.signer_id, store::NoticeKind::phone_enrolled, phone.name));
    }
    return {};
}

}  // namespace

CredentialService::CredentialService(store::Database& database,
                                     ModulePort& modules,
                                     const Clock& clock,
                                     transaction::TransactionService& transactions,
                                     approval::ApprovalService& approvals,
                                     pki::PublishedAt published)
    : database_(database),
      modules_(modules),
      clock_(clock),
      transactions_(transactions),
      approvals_(approvals),
      published_(std::move(published)) {
    approvals_.on_approved(Purpose::bind, [this](const store::Transaction& transaction) {
        return complete_binding(transaction);
    });
    approvals_.on_approved(Purpose::issue, [this](const store::Transaction& transaction) {
        return complete_issuance(transaction);
    });
    approvals_.on_approved(Purpose::revoke, [this](const store::Transaction& transaction) {
        return complete_revocation(transaction);
    });
}

// ---- persons

Result<Invited> CredentialService::invite(const std::string& signer_id,
                                          KeyType key_type,
                                          const std::string& description,
                                          pki::Profile profile) {
    Invited invited;
    invited.invitation = base64url(random_32());
    invited.expires_at = clock_.now_ms() + invitation_ms;
    auto& credential = invited.credential;
    credential.id = identity::new_id("cred");
    credential.owner_kind = CredentialOwner::signer;
    credential.signer_id = signer_id;
    credential.key_type = key_type;
    credential.profile = profile;
    credential.status = CredentialStatus::invited;
    credential.description = description;
    credential.created_at = clock_.now_ms();
    const store::Invitation invitation{
        sha256(invited.invitation), credential.id, invited.expires_at, std::nullopt};
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        TRY_ASSIGN(auto signer, store::SignerTable(session).by_id(signer_id));
        if (!signer) {
            return Error{ErrorKind::not_found, "no signer " + signer_id};
        }
        TRY(pki::check_subject(profile, signer->subject));
        CredentialTable table(session);
        TRY(table.insert(credential));
        return table.insert_invitation(invitation);
    }));
    return invited;
}

Result<Bytes> CredentialService::person_policy(const approval::Group& group,
                                               const std::string& subject,
                                               const ActivationKey* key) {
    hsm::protocol::Policy policy;
    policy.rp_id = group.rp_id;
    policy.origin = group.origin;
    policy.backup = backup_;
    policy.subject_hash = sha256(subject);
    if (key != nullptr) {
        CHECK(policy.points.push_back(key->point));
        CHECK(policy.backup_eligible.push_back(key->backup_eligible ? 1 : 0));
    }
    return encode_policy(policy);
}

Result<std::vector<store::Transaction>> CredentialService::unfinished_about(
    const std::string& credential_id, Purpose purpose) {
    return database_.read([&](store::Session& session) {
        return store::TransactionTable(session).unfinished_about(credential_id, purpose);
    });
}

Result<void> CredentialService::withdraw(const std::string& credential_id, Purpose purpose) {
    TRY_ASSIGN(auto unfinished, unfinished_about(credential_id, purpose));
    for (const auto& transaction : unfinished) {
        if (transaction::is_waiting(transaction.state)) {
            TRY(transactions_.refuse(transaction,
                                     transaction::TransactionService::Refusal::reject));
        }
    }
    return {};
}

Result<store::Transaction> CredentialService::open_binding(const store::Credential& credential,
                                                           const std::string& subject,
                                                           const std::string& language) {
    TRY_ASSIGN(auto blob, read_blob(*credential.blob));
    TRY_ASSIGN(auto statement, bind_statement(blob));
    transaction::OfficeRequest request;
    request.purpose = Purpose::bind;
    request.approver_kind = credential.owner_kind == CredentialOwner::signer
                                ? store::Approver::both
                                : store::Approver::officer;
    request.approver_id = credential.signer_id.value_or("");
    request.credential_id = credential.id;
    request.blob = *credential.blob;
    request.documents = {
        {bytes_of(sha256(statement)), std::string(hsm::protocol::BindStatement::tag)}};
    request.algorithm = signs_nothing;
    request.purpose_text = subject;
    request.language = language;
    request.payload = write_binding(statement);
    return transactions_.open_office(request);
}

Result<Enrolled> CredentialService::enrol(const std::string& invitation,
                                          const ActivationKey& key,
                                          const std::string& device_name) {
    TRY(identity::check_name("device_name", device_name));
    if (key.backup_eligible && backup_ == hsm::protocol::BackupPolicy::refused) {
        return Error{ErrorKind::forbidden,
                     "this passkey is copied to other devices; here it has to stay on one"};
    }
    const auto token_hash = sha256(invitation);
    const auto now = clock_.now_ms();
    store::Signer signer;
    store::Credential credential;
    TRY(database_.read([&](store::Session& session) -> Result<void> {
        CredentialTable table(session);
        TRY_ASSIGN(auto found, table.invitation(token_hash));
        if (!found || found->used_at || found->expires_at <= now) {
            return Error{ErrorKind::not_found, "the invitation is unknown, used or expired"};
        }
        TRY_ASSIGN(auto row, table.by_id(found->credential_id));
        CHECK(row && row->signer_id);
        credential = *std::move(row);
        TRY_ASSIGN(auto owner, store::SignerTable(session).by_id(*credential.signer_id));
        if (!owner) {
            return Error{ErrorKind::not_found, "the invitation is unknown, used or expired"};
        }
        signer = *std::move(owner);
        return {};
    }));
    const auto status_before = credential.status;
    if (status_before != CredentialStatus::invited && status_before != CredentialStatus::binding) {
        return conflict("the credential is enrolled already");
    }
    // A phone that enrols again before the officer has confirmed replaces the one before it.
    TRY(withdraw(credential.id, Purpose::bind));

    TRY_ASSIGN(auto group, approvals_.group());
    TRY_ASSIGN(auto policy, person_policy(group, signer.subject, &key));
    auto blob = modules_.generate_key(KeyKind::person, credential.key_type, policy);
    if (!blob) {
        return module_error(blob.error());
    }
    const auto replaced = std::exchange(credential.blob, *std::move(blob));
    TRY_ASSIGN(auto decoded, read_blob(*credential.blob));
    credential.key_id = decoded.header.key_id;
    credential.status = CredentialStatus::binding;

    Enrolled enrolled;
    auto device = identity::new_device(
        store::DeviceOwner::signer, signer.id, device_name, key.point, key.backup_eligible, now);
    enrolled.device = std::move(device.row);
    enrolled.session = std::move(device.session);
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        TRY(remove_replaced(session, signer.id, replaced));
        TRY(store::DeviceTable(session).insert(enrolled.device));
        TRY_ASSIGN(auto updated, CredentialTable(session).update(credential, status_before));
        return updated ? Result<void>() : conflict("the credential has just changed");
    }));
    TRY_ASSIGN(enrolled.transaction, open_binding(credential, signer.subject, signer.language));
    return enrolled;
}

Result<void> CredentialService::complete_binding(const store::Transaction& transaction) {
    TRY_ASSIGN(auto credential, find(transaction.credential_id));
    if (credential.status == CredentialStatus::binding) {
        TRY_ASSIGN(auto assertions, transactions_.assertions(transaction.id));
        auto bound = modules_.bind(transaction.module_id,
                                   *credential.blob,
                                   transaction.preimage,
                                   transaction.mac,
                                   assertions);
        // Spent: bound by a call whose answer was lost. An unbound blob may be bound again, with
        // new approvals.
        if (!bound &&
            (approval_lost(bound.error()) || bound.error() == hsm::Status::activation_spent)) {
            TRY(transactions_.ask_again(transaction, transaction::asked_again));
            return conflict(transaction::asked_again);
        }
        if (!bound) {
            return module_error(bound.error());
        }
        credential.blob = *std::move(bound);
        TRY_ASSIGN(auto decoded, read_blob(*credential.blob));
        credential.version = decoded.header.version;
        credential.status = CredentialStatus::bound;
        TRY(database_.write([&](store::Session& session) -> Result<void> {
            TRY_ASSIGN(auto updated,
                       CredentialTable(session).update(credential, CredentialStatus::binding));
            return updated ? tell_enrolled(session, clock_, credential)
                           : conflict("the credential has just changed");
        }));
    }
    // In this order a crash in between asks twice rather than never.
    if (certify_ && credential.owner_kind == CredentialOwner::signer) {
        TRY(certify_(credential));
    } else {
        TRY(request_certificates({credential.id}, {Asking::again}));
    }
    return transactions_.finish(transaction);
}

// ---- the issuer

Result<std::vector<store::Credential>> CredentialService::issuers() {
    TRY_ASSIGN(auto all, database_.read([&](store::Session& session) {
        return CredentialTable(session).of_kind(CredentialOwner::issuer);
    }));
    std::erase_if(all, is_deleted);
    return all;
}

// What officers have not approved of it, and are not asked for any more, takes nobody's place.
Result<void> CredentialService::end_unfinished(store::Credential issuer) {
    const auto was = issuer.status;
    if (was != CredentialStatus::binding && was != CredentialStatus::bound) {
        return conflict("there is an issuer already");
    }
    const auto missing = was == CredentialStatus::binding ? Purpose::bind : Purpose::issue;
    TRY_ASSIGN(const auto asked, unfinished_about(issuer.id, missing));
    for (const auto& transaction : asked) {
        if (!transaction::is_waiting(transaction.state) ||
            transaction.answer_by > clock_.now_ms()) {
            return conflict(
                "the officers are being asked already for the issuer's key or "
                "certificate: transaction " +
                transaction.id);
        }
    }
    issuer.status = CredentialStatus::deleted;
    issuer.blob.reset();
    TRY_ASSIGN(const auto ended, database_.write([&](store::Session& session) {
        return CredentialTable(session).update(issuer, was);
    }));
    return ended ? Result<void>() : conflict("there is an issuer already");
}

Result<store::Transaction> CredentialService::create_issuer(const std::string& subject) {
    TRY_ASSIGN(auto before, issuers());
    for (auto& one : before) {
        TRY(end_unfinished(std::move(one)));
    }
    TRY_ASSIGN(auto credential, make_unattended(CredentialOwner::issuer, subject));
    return open_binding(credential, subject, "vi");
}

Result<store::Transaction> CredentialService::create_service(CredentialOwner kind,
                                                             const std::string& subject) {
    if (kind != CredentialOwner::ocsp && kind != CredentialOwner::tsa) {
        return Error{ErrorKind::invalid, "a service is ocsp or tsa"};
    }
    TRY(root_certificate());
    TRY_ASSIGN(auto credential, make_unattended(kind, subject));
    return open_binding(credential, subject, "vi");
}

// A key that no person holds: nobody activates it, officers bind it.
Result<store::Credential> CredentialService::make_unattended(CredentialOwner kind,
                                                             const std::string& subject) {
    struct Row {
        CredentialOwner owner;
        KeyKind key;
        pki::Profile profile;
        const char* prefix;
    };
    constexpr Row rows[] = {{CredentialOwner::issuer, KeyKind::issuer, pki::Profile::root, "ca"},
                            {CredentialOwner::ocsp, KeyKind::ocsp, pki::Profile::ocsp, "ocsp"},
                            {CredentialOwner::tsa, KeyKind::tsa, pki::Profile::tsa, "tsa"}};
    const auto* row = std::ranges::find(rows, kind, &Row::owner);
    CHECK(row != std::end(rows));
    TRY(pki::check_subject(row->profile, subject));
    TRY_ASSIGN(auto group, approvals_.group());
    TRY_ASSIGN(auto policy, person_policy(group, subject, nullptr));
    auto blob = modules_.generate_key(row->key, KeyType::p256, policy);
    if (!blob) {
        return module_error(blob.error());
    }
    store::Credential credential;
    credential.id = identity::new_id(row->prefix);
    credential.owner_kind = kind;
    credential.key_type = KeyType::p256;
    credential.profile = row->profile;
    credential.status = CredentialStatus::binding;
    credential.description = subject;
    credential.blob = *std::move(blob);
    TRY_ASSIGN(auto decoded, read_blob(*credential.blob));
    credential.key_id = decoded.header.key_id;
    credential.created_at = clock_.now_ms();
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        CredentialTable table(session);
        if (kind == CredentialOwner::issuer) {
            TRY_ASSIGN(const auto others, table.of_kind(kind));
            // Of two at once the later.
            if (!std::ranges::all_of(others, is_deleted)) {
                return conflict("there is an issuer already");
            }
        }
        return table.insert(credential);
    }));
    return credential;
}

Result<store::Credential> CredentialService::issuer() {
    TRY_ASSIGN(auto all, issuers());
    if (all.empty()) {
        return Error{ErrorKind::not_found, "there is no issuer yet"};
    }
    return std::move(all.front());
}

Result<std::string> CredentialService::subject_of(const store::Credential& credential) {
    if (credential.owner_kind != CredentialOwner::signer) {
        return credential.description;
    }
    TRY_ASSIGN(auto signer, database_.read([&](store::Session& session) {
        return store::SignerTable(session).by_id(*credential.signer_id);
    }));
    if (!signer) {
        return Error{ErrorKind::not_found, "the signer is deleted"};
    }
    return signer->subject;
}

// ---- reading

Result<std::vector<store::Credential>> CredentialService::of_signer(const std::string& signer_id) {
    TRY_ASSIGN(auto all, database_.read([&](store::Session& session) {
        return CredentialTable(session).of_signer(signer_id);
    }));
    std::erase_if(all, is_deleted);
    return all;
}

Result<store::Credential> CredentialService::find(const std::string& id) {
    TRY_ASSIGN(auto credential, database_.read([&](store::Session& session) {
        return CredentialTable(session).by_id(id);
    }));
    if (!credential) {
        return Error{ErrorKind::not_found, "no such credential"};
    }
    return *std::move(credential);
}

Result<store::Credential> CredentialService::find_among(const std::string& id) {
    auto found = find(id);
    if (!found && found.error().kind == ErrorKind::not_found) {
        return Error{ErrorKind::not_found, found.error().detail + ": " + id};
    }
    return found;
}

Result<std::vector<Bytes>> CredentialService::chain(const store::Credential& credential) {
    if (!credential.certificate) {
        return std::vector<Bytes>();
    }
    return chain_of(*credential.certificate,
                    credential.serial_number.value_or(""),
                    credential.issuer_id.value_or(""));
}

Result<std::vector<Bytes>> CredentialService::chain_of(const Bytes& certificate,
                                                       const std::string& serial_number,
                                                       const std::string& issuer_id) {
    std::vector<Bytes> chain{certificate};
    if (issuer_id.empty()) {
        TRY_ASSIGN(const auto others, database_.read([&](store::Session& session) {
            return store::CertificationTable(session).chain_of(serial_number);
        }));
        chain.insert(chain.end(), others.begin(), others.end());
        return chain;
    }
    TRY_ASSIGN(const auto authority, find(issuer_id));
    if (authority.certificate && *authority.certificate != certificate) {
        chain.push_back(*authority.certificate);
    }
    return chain;
}

Result<Bytes> CredentialService::root_certificate() {
    TRY_ASSIGN(auto authority, issuer());
    if (!authority.certificate) {
        return Error{ErrorKind::not_found, "the issuer has no certificate yet"};
    }
    return *authority.certificate;
}

}  // namespace cloudsign::credential
