#include <algorithm>

#include "cloudsign/credential/credential_service.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/store/certificate_table.h"
#include "cloudsign/store/credential_table.h"

// What a credential's certificates have been through, and which of them end soon.
namespace cloudsign::credential {

using store::CertificateEvent;
using store::CertificateTable;
using store::CredentialTable;
using store::IssuedStatus;

namespace {

CertificateState state_of(const store::IssuedCertificate& certificate, std::int64_t now) {
    if (certificate.status == IssuedStatus::revoked) {
        return certificate.reason == store::reason_hold ? CertificateState::suspended
                                                        : CertificateState::revoked;
    }
    return certificate.valid_to < now ? CertificateState::expired : CertificateState::valid;
}

}  // namespace

std::string_view name(CertificateState state) {
    switch (state) {
        case CertificateState::valid:
            return "valid";
        case CertificateState::suspended:
            return "suspended";
        case CertificateState::revoked:
            return "revoked";
        case CertificateState::expired:
            return "expired";
    }
    return "unknown";
}

Result<std::vector<LivedCertificate>> CredentialService::life(const store::Credential& credential) {
    std::vector<store::IssuedCertificate> issued;
    std::vector<CertificateEvent> events;
    TRY(database_.read([&](store::Session& session) -> Result<void> {
        CertificateTable table(session);
        TRY_ASSIGN(issued, table.of_credential(credential.id));
        TRY_ASSIGN(events, table.events_of(credential.id));
        return {};
    }));
    std::vector<LivedCertificate> life;
    for (const auto& certificate : issued) {
        LivedCertificate one;
        TRY_ASSIGN(one.facts, pki::read_certificate(certificate.certificate));
        one.state = state_of(certificate, clock_.now_ms());
        one.reason = static_cast<pki::RevocationReason>(certificate.reason);
        one.is_in_use = certificate.serial_number == credential.serial_number &&
                        credential.status != store::CredentialStatus::deleted;
        std::ranges::copy_if(
            events, std::back_inserter(one.events), [&](const CertificateEvent& event) {
                return event.serial_number == certificate.serial_number;
            });
        life.push_back(std::move(one));
    }
    return life;
}

Result<std::vector<store::Credential>> CredentialService::ending_within(std::int64_t time_ms,
                                                                        std::uint32_t limit) {
    const auto now = clock_.now_ms();
    return database_.read([&](store::Session& session) {
        return CredentialTable(session).ending(now, now + time_ms, limit);
    });
}

Result<std::vector<Bytes>> CredentialService::chain_named(const store::Credential& credential,
                                                          const std::string& serial_number) {
    TRY_ASSIGN(const auto found, database_.read([&](store::Session& session) {
        return CertificateTable(session).by_serial(serial_number);
    }));
    if (!found || found->credential_id != credential.id) {
        return Error{ErrorKind::not_found, "the credential has had no such certificate"};
    }
    if (state_of(*found, clock_.now_ms()) != CertificateState::valid) {
        return Error{ErrorKind::conflict,
                     "The certificate that the document was prepared for is revoked or has ended: "
                     "prepare it anew"};
    }
    return chain_of(found->certificate, found->serial_number, found->issuer_id);
}

Result<std::size_t> CredentialService::remind() {
    constexpr std::uint32_t at_once_max = 100;  // the next call goes on
    const auto now = clock_.now_ms();
    TRY_ASSIGN(const auto ending, database_.read([&](store::Session& session) {
        return CredentialTable(session).to_remind(now, now + remind_before_ms, at_once_max);
    }));
    if (ending.empty()) {
        return std::size_t{0};
    }
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        for (const auto& credential : ending) {
            TRY_ASSIGN(const auto facts, pki::read_certificate(*credential.certificate));
            TRY(notice::tell(session,
                             clock_,
                             *credential.signer_id,
                             store::NoticeKind::certificate_ending,
                             facts.subject));
            TRY(CertificateTable(session).note(
                *credential.serial_number, store::CertificateEventKind::reminded, now));
        }
        return {};
    }));
    return ending.size();
}

}  // namespace cloudsign::credential
