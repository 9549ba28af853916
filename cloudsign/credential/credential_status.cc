#include "cloudsign/credential/credential_service.h"
#include "cloudsign/store/certificate_table.h"
#include "cloudsign/store/credential_table.h"

// What becomes of a credential after it was issued: row and certificate change together.
namespace cloudsign::credential {

using store::CertificateTable;
using store::CredentialOwner;
using store::CredentialStatus;
using store::CredentialTable;

Result<void> CredentialService::change(const std::string& id, const Change& change) {
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        CredentialTable table(session);
        TRY_ASSIGN(auto credential, table.by_id(id));
        if (!credential) {
            return Error{ErrorKind::not_found, "no such credential", 0};
        }
        // Who trusts a root is told otherwise that it should not.
        if (credential->owner_kind == CredentialOwner::issuer) {
            return Error{ErrorKind::conflict, "an issuer is not suspended, revoked or deleted", 0};
        }
        const auto was = credential->status;
        TRY(change(session, *credential));
        TRY(table.update(*credential, was));
        return {};
    }));
    status_changed_();
    return {};
}

Result<void> CredentialService::suspend(const std::string& id) {
    return change(id, [&](store::Session& session, store::Credential& credential) -> Result<void> {
        if (credential.status != CredentialStatus::enabled) {
            return Error{ErrorKind::conflict, "the credential is not enabled", 0};
        }
        credential.status = CredentialStatus::disabled;
        TRY(CertificateTable(session).revoke(id, store::reason_hold, clock_.now_ms()));
        return {};
    });
}

Result<void> CredentialService::resume_use(const std::string& id) {
    return change(id, [&](store::Session& session, store::Credential& credential) -> Result<void> {
        if (credential.status != CredentialStatus::disabled) {
            return Error{ErrorKind::conflict, "the credential is not suspended", 0};
        }
        credential.status = CredentialStatus::enabled;
        TRY(CertificateTable(session).release(id, clock_.now_ms()));
        return {};
    });
}

Result<void> CredentialService::revoke(const std::string& id, pki::RevocationReason reason) {
    if (reason == pki::RevocationReason::certificate_hold) {
        return Error{ErrorKind::invalid, "a certificate is held by suspending its credential", 0};
    }
    return change(id, [&](store::Session& session, store::Credential& credential) -> Result<void> {
        if (credential.status == CredentialStatus::deleted) {
            return Error{ErrorKind::conflict, "the credential is deleted", 0};
        }
        credential.status = CredentialStatus::deleted;
        credential.blob.reset();
        TRY(CertificateTable(session).revoke(
            id, static_cast<std::int64_t>(reason), clock_.now_ms()));
        return {};
    });
}

}  // namespace cloudsign::credential
