#include "cloudsign/identity/signer_registry.h"

#include "cloudsign/identity/text.h"
#include "cloudsign/notice/mail_address.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/store/certificate_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/signer_table.h"

namespace cloudsign::identity {

using store::Session;
using store::SignerTable;

namespace {

Error no_such_signer() {
    return {ErrorKind::not_found, "no such signer"};
}

// One number must never mean two people.
Result<void> check_free(SignerTable& signers, const store::Signer& signer) {
    const Error taken{ErrorKind::conflict, "the account is taken"};
    TRY_ASSIGN(auto namesake, signers.ever_with_id(signer.id));
    TRY_ASSIGN(auto as_account, signers.by_account(signer.id));
    if (namesake || as_account) {
        return Error{ErrorKind::conflict, "the signer's id is taken"};
    }
    if (!signer.account) {
        return {};
    }
    TRY_ASSIGN(auto as_id, signers.ever_with_id(*signer.account));
    TRY_ASSIGN(auto same, signers.by_account(*signer.account));
    return as_id || same ? Result<void>(taken) : Result<void>();
}

Result<void> check_email(const std::string& email) {
    if (!email.empty() && !notice::is_mail_address(email)) {
        return Error{ErrorKind::invalid, "email must be NAME@HOST, in ASCII"};
    }
    return {};
}

}  // namespace

Result<store::Signer> SignerRegistry::add(const std::string& id,
                                          const std::string& name,
                                          const std::string& subject,
                                          const std::string& language,
                                          const std::string& account,
                                          const std::string& email) {
    TRY(check_text("id", id, TextUse::required, 64));
    TRY(check_name("id", id));
    TRY(check_name("name", name));
    TRY(check_text("subject", subject, TextUse::required, 1024));
    TRY(check_text("language", language, TextUse::required, 35));
    TRY(check_text("account", account, TextUse::optional, 64));
    TRY(check_email(email));
    store::Signer signer;
    signer.id = id;
    signer.name = name;
    signer.subject = subject;
    signer.language = language;
    signer.created_at = clock_.now_ms();
    if (!account.empty()) {
        signer.account = account;
    }
    if (!email.empty()) {
        signer.email = email;
    }
    TRY(database_.write([&](Session& session) -> Result<void> {
        SignerTable signers(session);
        TRY(check_free(signers, signer));
        return signers.insert(signer);
    }));
    return signer;
}

Result<std::shared_ptr<const store::Signer>> SignerRegistry::find(const std::string& id) {
    TRY_ASSIGN(auto signer, database_.signer(id));
    if (!signer) {
        return no_such_signer();
    }
    return signer;
}

Result<std::vector<store::Signer>> SignerRegistry::page(const std::string& after_id,
                                                        std::uint32_t limit) {
    return database_.read(
        [&](Session& session) { return SignerTable(session).page(after_id, limit); });
}

Result<std::vector<store::Signer>> SignerRegistry::search(const std::string& text,
                                                          const std::string& after_id,
                                                          std::uint32_t limit) {
    TRY(check_text("search", text, TextUse::optional, 255));
    return database_.read(
        [&](Session& session) { return SignerTable(session).search(text, after_id, limit); });
}

Result<std::shared_ptr<const store::Signer>> SignerRegistry::find_by_account(
    const std::string& account) {
    TRY_ASSIGN(auto signer, database_.read([&](Session& session) {
        return SignerTable(session).by_account(account);
    }));
    return find(signer ? signer->id : account);
}

Result<void> SignerRegistry::set_status(const std::string& id, store::SignerStatus status) {
    using store::SignerStatus;
    return database_.write([&](Session& session) -> Result<void> {
        SignerTable signers(session);
        TRY_ASSIGN(auto signer, signers.by_id(id));
        if (!signer) {
            return no_such_signer();
        }
        TRY(signers.set_status(id, status));
        if (signer->status != status) {
            TRY(notice::tell(session,
                             clock_,
                             id,
                             status == SignerStatus::frozen ? store::NoticeKind::frozen
                                                            : store::NoticeKind::unfrozen));
        }
        return {};
    });
}

Result<void> SignerRegistry::set_email(const std::string& id, const std::string& email) {
    TRY(check_email(email));
    return database_.write([&](Session& session) -> Result<void> {
        SignerTable signers(session);
        TRY_ASSIGN(auto signer, signers.by_id(id));
        if (!signer) {
            return no_such_signer();
        }
        if (signer->email.value_or("") == email) {
            return {};
        }
        TRY(notice::tell(session, clock_, id, store::NoticeKind::address_changed));
        TRY(signers.set_email(id, email.empty() ? std::nullopt : std::optional(email)));
        return {};
    });
}

Result<void> SignerRegistry::remove(const std::string& id) {
    return database_.write([&](Session& session) -> Result<void> {
        TRY(notice::tell(session, clock_, id, store::NoticeKind::deleted));
        TRY_ASSIGN(auto known, SignerTable(session).remove(id));
        if (!known) {
            return no_such_signer();
        }
        store::CredentialTable credentials(session);
        TRY_ASSIGN(auto owned, credentials.of_signer(id));
        for (auto& credential : owned) {
            const auto was = credential.status;
            if (was == store::CredentialStatus::deleted) {
                continue;  // officers may still be asked to end its key
            }
            credential.status = store::CredentialStatus::deleted;
            credential.blob.reset();
            TRY(credentials.update(credential, was));
            TRY(store::CertificateTable(session).revoke(
                credential.id, store::reason_cessation, clock_.now_ms()));
        }
        store::DeviceTable devices(session);
        TRY_ASSIGN(auto active, devices.of_owner(store::DeviceOwner::signer, id));
        for (const auto& device : active) {
            TRY(devices.set_status(device.id, store::DeviceStatus::removed));
        }
        return {};
    });
}

}  // namespace cloudsign::identity
