#include "cloudsign/credential/credential_service.h"
#include "cloudsign/credential/issuance_payload.h"
#include "cloudsign/credential/read_blob.h"
#include "cloudsign/credential/refusals.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/pki/signature_algorithm.h"
#include "cloudsign/random.h"
#include "cloudsign/store/certificate_table.h"
#include "cloudsign/store/certification_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/transaction_table.h"
#include "hsm/openssl/digest.h"

// Certificates: the first one of a key, and those that renew it. Both are an activation of the
// issuer's key by the officers, over the TBSCertificates of a batch; or come from another
// authority.
namespace cloudsign::credential {

using hsm::protocol::Purpose;
using store::CertificateEventKind;
using store::CertificateTable;
using store::CredentialOwner;
using store::CredentialStatus;
using store::CredentialTable;

namespace {

Error conflict(std::string detail) {
    return {ErrorKind::conflict, std::move(detail)};
}

std::string count_text(const char* before, std::size_t count, const char* after) {
    return before + std::to_string(count) + (count == 1 ? " certificate" : " certificates") + after;
}

Result<void> check_renewable(const store::Credential& credential) {
    if (credential.owner_kind == CredentialOwner::issuer) {
        return conflict("an issuer's own certificate is not renewed");
    }
    if (credential.owner_kind == CredentialOwner::outside) {
        return conflict("the key of credential " + credential.id +
                        " is kept elsewhere: whoever keeps it asks for another certificate");
    }
    switch (credential.status) {
        case CredentialStatus::enabled:
            break;
        case CredentialStatus::disabled:
            return is_suspended(credential);
        case CredentialStatus::deleted:
            return is_over(credential);
        case CredentialStatus::invited:
        case CredentialStatus::binding:
        case CredentialStatus::bound:
            return conflict("credential " + credential.id + " has no certificate yet");
    }
    if (!credential.certificate || !credential.serial_number || !credential.blob) {
        return Error{ErrorKind::internal, "an enabled credential without key or certificate"};
    }
    if (!credential.issuer_id) {
        return conflict("the certificate of credential " + credential.id +
                        " is of an authority outside: kyso credential request " + credential.id);
    }
    return {};
}

// `except`: the transaction that asks.
Result<void> check_none_waits(store::Session& session,
                              const std::string& issuer_id,
                              const std::vector<std::string>& credential_ids,
                              const std::string& except,
                              std::int64_t now) {
    TRY_ASSIGN(const auto open,
               store::TransactionTable(session).unfinished_about(issuer_id, Purpose::issue));
    for (const auto& transaction : open) {
        const bool is_over =
            transaction::is_waiting(transaction.state) && transaction.answer_by <= now;
        if (is_over || transaction.id == except) {
            continue;
        }
        TRY_ASSIGN(const auto entries, read_issuance(transaction.payload));
        for (const auto& entry : entries) {
            if (std::ranges::find(credential_ids, entry.credential_id) != credential_ids.end()) {
                return conflict("the officers are being asked already for a certificate of " +
                                entry.credential_id + ": transaction " + transaction.id);
            }
        }
    }
    return {};
}

// SubjectPublicKeyInfo.
Result<Bytes> public_key_of(const store::Credential& credential) {
    if (credential.public_key) {
        return *credential.public_key;
    }
    TRY_ASSIGN(const auto blob, read_blob(*credential.blob));
    return bytes_of(blob.header.spki);
}

// Whether the credential is still as it was when the certificate was asked for.
bool is_awaited(const store::Credential& credential, const IssuanceEntry& entry) {
    if (entry.renews.empty()) {
        return credential.status == CredentialStatus::bound;
    }
    return credential.serial_number == entry.renews &&
           (credential.status == CredentialStatus::enabled ||
            credential.status == CredentialStatus::disabled);
}

// Why what was signed for a credential that is not as it was is revoked: as the certificate is that
// it was to renew, if that is.
Result<std::int64_t> reason_of(CertificateTable& certificates,
                               const store::Credential& credential,
                               const IssuanceEntry& entry) {
    if (credential.status != CredentialStatus::deleted) {
        return std::int64_t{store::reason_superseded};
    }
    TRY_ASSIGN(const auto before, certificates.by_serial(entry.renews));
    return before && before->status == store::IssuedStatus::revoked ? before->reason
                                                                    : store::reason_cessation;
}

// Why a credential ended, as far as its certificates tell.
Result<std::int64_t> reason_of_end(CertificateTable& certificates, const std::string& id) {
    TRY_ASSIGN(const auto all, certificates.of_credential(id));
    for (const auto& one : all) {
        if (one.status == store::IssuedStatus::revoked && one.reason != store::reason_superseded) {
            return one.reason;
        }
    }
    return std::int64_t{store::reason_cessation};
}

// In place of the one that it had.
Result<void> put_in_use(store::Session& session,
                        store::Credential& credential,
                        const Bytes& certificate,
                        const pki::CertificateFacts& facts,
                        std::int64_t now) {
    const auto was = credential.status;
    credential.certificate = certificate;
    credential.serial_number = facts.serial_number;
    credential.valid_from = facts.valid_from_ms;
    credential.valid_to = facts.valid_to_ms;
    if (was == CredentialStatus::bound) {
        credential.status = CredentialStatus::enabled;
    }
    TRY(CredentialTable(session).update(credential, was));
    // Suspended while it was asked for: the new one waits with the others.
    return was == CredentialStatus::disabled
               ? CertificateTable(session).revoke_one(facts.serial_number, store::reason_hold, now)
               : Result<void>();
}

Result<void> tell_renewed(store::Session& session,
                          const Clock& clock,
                          const store::Credential& credential,
                          const std::string& subject) {
    return credential.signer_id ? notice::tell(session,
                                               clock,
                                               *credential.signer_id,
                                               store::NoticeKind::certificate_renewed,
                                               subject)
                                : Result<void>();
}

}  // namespace

Result<Bytes> CredentialService::make_tbs(const store::Credential& credential,
                                          const store::Credential& issuer) {
    const bool root = credential.id == issuer.id;
    pki::TbsRequest request;
    request.profile = credential.profile;
    request.published = published_;
    TRY_ASSIGN(request.subject, subject_of(credential));
    TRY_ASSIGN(request.spki, public_key_of(credential));
    if (!root) {
        if (!issuer.certificate) {
            return conflict("the issuer has no certificate yet");
        }
        request.issuer = *issuer.certificate;
    }
    request.algorithm = pki::default_algorithm(issuer.key_type);
    fill_random(request.serial_number);
    request.valid_from_ms = clock_.now_ms();
    if (credential.certificate) {
        // Renewed early, it still does not end before the one whose place it takes.
        request.valid_to_ms = std::max(request.valid_from_ms + pki::renewal_ms(request.profile),
                                       credential.valid_to.value_or(0));
    } else {
        request.valid_to_ms = request.valid_from_ms + pki::validity_ms(request.profile);
    }
    return pki::build_tbs(request);
}

Result<void> CredentialService::add_certificate(Issuance& issuance,
                                                const store::Credential& credential,
                                                bool supersedes) {
    auto& [authority, request, entries] = issuance;
    TRY_ASSIGN(auto tbs, make_tbs(credential, authority));
    TRY_ASSIGN(auto facts, pki::read_tbs(tbs));
    request.documents.push_back(
        {hsm::openssl::digest_of(tbs, pki::default_algorithm(authority.key_type).digest),
         "certificate: " + facts.subject});
    entries.push_back(
        {credential.id, std::move(tbs), credential.serial_number.value_or(""), supersedes});
    return {};
}

Result<store::Transaction> CredentialService::ask_for(Issuance issuance, std::string purpose_text) {
    auto& [authority, request, entries] = issuance;
    request.purpose = Purpose::issue;
    request.approver_kind = store::Approver::officer;
    request.credential_id = authority.id;
    request.blob = *authority.blob;
    request.algorithm = pki::default_algorithm(authority.key_type);
    request.purpose_text = std::move(purpose_text);
    request.language = "vi";
    request.payload = write_issuance(entries);
    return transactions_.open_office(request);
}

// Each is named once, and officers are not being asked for it.
Result<void> CredentialService::ask_once(Issuance& issuance,
                                         const std::vector<std::string>& credential_ids) {
    for (auto id = credential_ids.begin(); id != credential_ids.end(); ++id) {
        if (std::find(credential_ids.begin(), id, *id) != id) {
            return Error{ErrorKind::invalid, "credential " + *id + " is named twice"};
        }
    }
    // Before a module is asked for anything; and once more in the commit, for two at once.
    const auto issuer_id = issuance.authority.id;
    const auto check = [this, issuer_id, credential_ids](store::Session& session,
                                                         const std::string& transaction_id) {
        return check_none_waits(
            session, issuer_id, credential_ids, transaction_id, clock_.now_ms());
    };
    TRY(database_.read([&](store::Session& session) { return check(session, ""); }));
    issuance.request.beside = [check, beside = std::move(issuance.request.beside)](
                                  store::Session& session,
                                  const std::string& transaction_id) -> Result<void> {
        TRY(check(session, transaction_id));
        return beside ? beside(session, transaction_id) : Result<void>();
    };
    return {};
}

Result<store::Transaction> CredentialService::request_certificates(
    const std::vector<std::string>& credential_ids, Asked asked) {
    Issuance issuance;
    TRY_ASSIGN(issuance.authority, issuer());
    issuance.request.portal = std::move(asked.requester);
    issuance.request.beside = std::move(asked.beside);
    if (asked.asking == Asking::once) {
        TRY(ask_once(issuance, credential_ids));
    }
    for (const auto& id : credential_ids) {
        TRY_ASSIGN(const auto credential, find_among(id));
        if (credential.status != CredentialStatus::bound) {
            return conflict("credential " + id + " is not bound, or has a certificate");
        }
        TRY(add_certificate(issuance, credential, false));
    }
    auto purpose = count_text("", issuance.entries.size(), "");
    return ask_for(std::move(issuance), std::move(purpose));
}

Result<store::Transaction> CredentialService::renew(const std::vector<std::string>& credential_ids,
                                                    OldCertificate old) {
    Issuance issuance;
    TRY_ASSIGN(issuance.authority, issuer());
    std::vector<store::Credential> credentials;
    for (const auto& id : credential_ids) {
        TRY_ASSIGN(auto credential, find_among(id));
        TRY(check_renewable(credential));
        credentials.push_back(std::move(credential));
    }
    TRY(ask_once(issuance, credential_ids));
    const bool supersedes = old == OldCertificate::superseded;
    for (const auto& credential : credentials) {
        TRY(add_certificate(issuance, credential, supersedes));
    }
    auto purpose = count_text("renewal of ",
                              issuance.entries.size(),
                              supersedes ? "; those before are revoked (superseded)" : "");
    return ask_for(std::move(issuance), std::move(purpose));
}

Result<bool> CredentialService::keep_issued(const IssuanceEntry& entry,
                                            const Bytes& certificate,
                                            const std::string& issuer_id) {
    TRY_ASSIGN(const auto facts, pki::read_certificate(certificate));
    const auto now = clock_.now_ms();
    return database_.write([&](store::Session& session) -> Result<bool> {
        CertificateTable certificates(session);
        CredentialTable credentials(session);
        TRY_ASSIGN(const auto known, certificates.by_serial(facts.serial_number));
        if (known) {
            return false;  // finished before a crash
        }
        TRY_ASSIGN(auto credential, credentials.by_id(entry.credential_id));
        if (!credential) {
            return Error{ErrorKind::internal, "a certificate of no credential"};
        }
        TRY(certificates.insert(
            {facts.serial_number,
             issuer_id,
             credential->id,
             certificate,
             facts.valid_to_ms,
             store::IssuedStatus::good,
             0,
             now},
            entry.renews.empty() ? CertificateEventKind::issued : CertificateEventKind::renewed));
        // Deleted meanwhile, or another was issued: what was signed all the same is revoked at
        // once, so that nobody takes it for good.
        if (!is_awaited(*credential, entry)) {
            TRY_ASSIGN(const auto reason, reason_of(certificates, *credential, entry));
            TRY(certificates.revoke_one(facts.serial_number, reason, now));
            return true;
        }
        const auto was = credential->status;
        credential->issuer_id = issuer_id;
        TRY(put_in_use(session, *credential, certificate, facts, now));
        if (entry.supersedes) {
            TRY(certificates.supersede(credential->id, facts.serial_number, now));
        }
        if (!entry.renews.empty()) {
            TRY(tell_renewed(session, clock_, *credential, facts.subject));
        }
        return entry.supersedes || was == CredentialStatus::disabled;
    });
}

Result<bool> CredentialService::adopt(const std::string& id, const std::vector<Bytes>& chain) {
    CHECK(!chain.empty());
    const auto& certificate = chain.front();
    TRY_ASSIGN(const auto facts, pki::read_certificate(certificate));
    const auto now = clock_.now_ms();
    enum class Outcome { used, in_use, over };
    TRY_ASSIGN(const auto outcome, database_.write([&](store::Session& session) -> Result<Outcome> {
        CertificateTable certificates(session);
        store::CertificationTable requests(session);
        TRY_ASSIGN(auto credential, CredentialTable(session).by_id(id));
        if (!credential || (credential->status != CredentialStatus::bound &&
                            credential->status != CredentialStatus::enabled &&
                            credential->status != CredentialStatus::disabled &&
                            credential->status != CredentialStatus::deleted)) {
            return conflict("credential " + id + " is not bound");
        }
        TRY_ASSIGN(const auto known, certificates.by_serial(facts.serial_number));
        if (known && (known->credential_id != id || known->certificate != certificate)) {
            return conflict("another certificate of the serial number " + facts.serial_number +
                            " is known already");
        }
        const bool is_over = credential->status == CredentialStatus::deleted;
        if (known && !is_over && credential->serial_number != facts.serial_number) {
            return conflict("the certificate " + facts.serial_number +
                            " is known already, and another one of credential " + id +
                            " is in use since");
        }
        if (known) {
            return is_over ? Outcome::over : Outcome::in_use;
        }
        const bool renews = credential->certificate.has_value();
        TRY(certificates.insert(
            {facts.serial_number,
             "",
             id,
             certificate,
             facts.valid_to_ms,
             store::IssuedStatus::good,
             0,
             now},
            renews ? CertificateEventKind::renewed : CertificateEventKind::issued));
        TRY(requests.insert_chain(facts.serial_number, {chain.begin() + 1, chain.end()}));
        if (is_over) {
            TRY_ASSIGN(const auto reason, reason_of_end(certificates, id));
            TRY(certificates.revoke_one(facts.serial_number, reason, now));
            return Outcome::over;
        }
        TRY(requests.close(id, store::CertificationState::issued));
        credential->issuer_id.reset();
        TRY(put_in_use(session, *credential, certificate, facts, now));
        if (renews) {
            TRY(tell_renewed(session, clock_, *credential, facts.subject));
        }
        return Outcome::used;
    }));
    if (outcome == Outcome::over) {
        status_changed_();
        return conflict("credential " + id +
                        " is revoked or deleted: its certificate is kept as revoked, and the "
                        "authority has to be told (kyso credential revocations)");
    }
    return outcome == Outcome::used;
}

Result<void> CredentialService::complete_issuance(const store::Transaction& transaction) {
    TRY_ASSIGN(auto entries, read_issuance(transaction.payload));
    TRY_ASSIGN(auto made, transactions_.sign_all(transaction));
    TRY_ASSIGN(auto authority, issuer());
    for (std::size_t i = 0; i < entries.size() && i < made.size(); ++i) {
        const bool root = entries[i].credential_id == authority.id;
        if (!root && !authority.certificate) {
            return conflict("the issuer has no certificate yet");
        }
        TRY_ASSIGN(const auto certificate,
                   pki::assemble(entries[i].tbs,
                                 transaction.algorithm,
                                 made[i].signature,
                                 root ? Bytes() : *authority.certificate));
        TRY_ASSIGN(const auto changed, keep_issued(entries[i], certificate, authority.id));
        // At once: what fails further on is taken up again without those that are kept.
        if (changed) {
            status_changed_();
        }
    }
    return transactions_.finish(transaction);
}

}  // namespace cloudsign::credential
