#include "cloudsign/credential/credential_service.h"
#include "cloudsign/module_error.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/certificate_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/signer_table.h"

// What becomes of a credential after it was issued: row and certificate change together.
namespace cloudsign::credential {

using store::CertificateTable;
using store::CredentialOwner;
using store::CredentialStatus;
using store::CredentialTable;

namespace {

Result<void> tell_status(store::Session& session,
                         const Clock& clock,
                         const store::Credential& credential,
                         CredentialStatus was) {
    using store::NoticeKind;
    if (!credential.signer_id || was == CredentialStatus::invited ||
        was == CredentialStatus::binding) {
        return {};
    }
    auto kind = NoticeKind::credential_revoked;
    if (credential.status == CredentialStatus::disabled) {
        kind = NoticeKind::credential_suspended;
    } else if (credential.status == CredentialStatus::enabled) {
        kind = NoticeKind::credential_resumed;
    }
    TRY_ASSIGN(auto signer, store::SignerTable(session).ever_with_id(*credential.signer_id));
    return notice::tell(session, clock, *credential.signer_id, kind, signer ? signer->subject : "");
}

}  // namespace

Result<void> CredentialService::change(const std::string& id, const Change& change) {
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        CredentialTable table(session);
        TRY_ASSIGN(auto credential, table.by_id(id));
        if (!credential) {
            return Error{ErrorKind::not_found, "no such credential"};
        }
        // Who trusts a root is told otherwise that it should not.
        if (credential->owner_kind == CredentialOwner::issuer) {
            return Error{ErrorKind::conflict, "an issuer is not suspended, revoked or deleted"};
        }
        const auto was = credential->status;
        TRY(change(session, *credential));
        TRY(table.update(*credential, was));
        return tell_status(session, clock_, *credential, was);
    }));
    status_changed_();
    return {};
}

Result<void> CredentialService::suspend(const std::string& id) {
    return change(id, [&](store::Session& session, store::Credential& credential) -> Result<void> {
        if (credential.status != CredentialStatus::enabled) {
            return Error{ErrorKind::conflict, "the credential is not enabled"};
        }
        credential.status = CredentialStatus::disabled;
        TRY(CertificateTable(session).revoke(id, store::reason_hold, clock_.now_ms()));
        return {};
    });
}

Result<void> CredentialService::resume_use(const std::string& id) {
    return change(id, [&](store::Session& session, store::Credential& credential) -> Result<void> {
        if (credential.status != CredentialStatus::disabled) {
            return Error{ErrorKind::conflict, "the credential is not suspended"};
        }
        credential.status = CredentialStatus::enabled;
        TRY(CertificateTable(session).release(id, clock_.now_ms()));
        return {};
    });
}

Result<store::Credential> CredentialService::end_use(const std::string& id,
                                                     pki::RevocationReason reason,
                                                     Blob blob) {
    store::Credential before;
    TRY(change(id, [&](store::Session& session, store::Credential& credential) -> Result<void> {
        if (credential.status == CredentialStatus::deleted) {
            return Error{ErrorKind::conflict, "the credential is deleted"};
        }
        before = credential;
        credential.status = CredentialStatus::deleted;
        if (blob == Blob::erased || credential.version == 0) {
            credential.blob.reset();
        }
        TRY(CertificateTable(session).revoke(
            id, static_cast<std::int64_t>(reason), clock_.now_ms()));
        return {};
    }));
    TRY(withdraw(id, hsm::protocol::Purpose::bind));
    TRY(withdraw(id, hsm::protocol::Purpose::rebind));
    return before;
}

Result<void> CredentialService::remove(const std::string& id) {
    TRY(end_use(id, pki::RevocationReason::cessation_of_operation, Blob::erased));
    return {};
}

Result<std::optional<store::Transaction>> CredentialService::revoke(const std::string& id,
                                                                    pki::RevocationReason reason) {
    if (reason == pki::RevocationReason::certificate_hold) {
        return Error{ErrorKind::invalid, "a certificate is held by suspending its credential"};
    }
    TRY_ASSIGN(auto credential, find(id));
    const bool asked = credential.status == CredentialStatus::deleted && credential.blob;
    if (!asked) {
        TRY_ASSIGN(credential, end_use(id, reason, Blob::kept));
    }
    if (!credential.blob || credential.version == 0) {
        return std::optional<store::Transaction>();
    }
    TRY_ASSIGN(const auto changing, unfinished_about(id, hsm::protocol::Purpose::rebind));
    if (!changing.empty()) {
        return Error{
            ErrorKind::conflict,
            "revoked; the key is not ended yet, since a change of phones is being finished "
            "in the modules: ask once more when they all answer"};
    }
    TRY_ASSIGN(auto open, unfinished_about(id, hsm::protocol::Purpose::revoke));
    for (auto& transaction : open) {
        if (!transaction::is_waiting(transaction.state) ||
            transaction.answer_by > clock_.now_ms()) {
            return std::optional(std::move(transaction));
        }
    }
    TRY_ASSIGN(auto transaction, ask_to_end_key(credential, reason));
    return std::optional(std::move(transaction));
}

Result<store::Transaction> CredentialService::ask_to_end_key(const store::Credential& credential,
                                                             pki::RevocationReason reason) {
    const hsm::protocol::RevokeKeyStatement statement{*credential.key_id, credential.version};
    Bytes buffer(hsm::protocol::tagged_size_max<hsm::protocol::RevokeKeyStatement>());
    const auto encoded = hsm::protocol::encode_tagged(statement, buffer);
    CHECK(encoded.has_value());
    transaction::OfficeRequest request;
    request.purpose = hsm::protocol::Purpose::revoke;
    request.approver_kind = store::Approver::officer;
    request.credential_id = credential.id;
    request.blob = *credential.blob;
    request.documents = {
        {bytes_of(sha256(*encoded)), std::string(hsm::protocol::RevokeKeyStatement::tag)}};
    request.purpose_text = pki::revocation_reason_name(reason);
    request.language = "vi";
    return transactions_.open_office(request);
}

Result<void> CredentialService::complete_revocation(const store::Transaction& transaction) {
    TRY_ASSIGN(auto credential, find(transaction.credential_id));
    if (credential.blob) {
        TRY_ASSIGN(auto assertions, transactions_.assertions(transaction.id));
        const auto revoked = modules_.revoke_key(transaction.module_id,
                                                 *credential.blob,
                                                 transaction.preimage,
                                                 transaction.mac,
                                                 assertions);
        if (!revoked && approval_lost(revoked.error())) {
            TRY(transactions_.ask_again(transaction, transaction::asked_again));
            return Error{ErrorKind::conflict, transaction::asked_again};
        }
        if (!revoked) {
            return module_error(revoked.error());
        }
        credential.blob.reset();
        TRY(database_.write([&](store::Session& session) {
            return CredentialTable(session).update(credential, CredentialStatus::deleted);
        }));
    }
    return transactions_.finish(transaction);
}

}  // namespace cloudsign::credential
