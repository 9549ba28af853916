#include "server/api/signer_json.h"

#include "server/api/names.h"

namespace server::api {

boost::json::object signer_json(const cloudsign::store::Signer& signer) {
    const bool active = signer.status == cloudsign::store::SignerStatus::active;
    boost::json::object written{{"id", signer.id},
                                {"name", signer.name},
                                {"subject", signer.subject},
                                {"language", signer.language},
                                {"status", active ? "active" : "frozen"},
                                {"created_at", signer.created_at}};
    if (signer.email) {
        written["email"] = *signer.email;
    }
    return written;
}

std::string_view status_name(cloudsign::store::CredentialStatus status) {
    using enum cloudsign::store::CredentialStatus;
    switch (status) {
        case invited:
            return "invited";
        case binding:
            return "binding";
        case bound:
            return "bound";
        case enabled:
            return "enabled";
        case disabled:
            return "disabled";
        case deleted:
            return "deleted";
    }
    return "unknown";
}

boost::json::array life_json(const std::vector<cloudsign::credential::LivedCertificate>& life) {
    using cloudsign::credential::CertificateState;
    boost::json::array list;
    for (const auto& certificate : life) {
        boost::json::array events;
        for (const auto& event : certificate.events) {
            boost::json::object written{{"event", name(event.kind)}, {"at", event.at}};
            if (event.kind == cloudsign::store::CertificateEventKind::revoked) {
                written["reason"] = revocation_reason_name(
                    static_cast<cloudsign::pki::RevocationReason>(event.reason));
            }
            events.push_back(std::move(written));
        }
        boost::json::object written{{"serial_number", certificate.facts.serial_number},
                                    {"subject", certificate.facts.subject},
                                    {"valid_from", certificate.facts.valid_from_ms},
                                    {"valid_to", certificate.facts.valid_to_ms},
                                    {"state", name(certificate.state)},
                                    {"in_use", certificate.is_in_use},
                                    {"events", std::move(events)}};
        if (certificate.state == CertificateState::revoked) {
            written["reason"] = revocation_reason_name(certificate.reason);
        }
        list.push_back(std::move(written));
    }
    return list;
}

boost::json::object credential_summary(const cloudsign::store::Credential& credential) {
    boost::json::object written{{"id", credential.id},
                                {"status", status_name(credential.status)},
                                {"key_type", key_type_name(credential.key_type)},
                                {"profile", cloudsign::pki::profile_name(credential.profile)},
                                {"description", credential.description},
                                {"created_at", credential.created_at}};
    if (credential.signer_id) {
        written["signer_id"] = *credential.signer_id;
    }
    if (credential.serial_number) {
        written["serial_number"] = *credential.serial_number;
    }
    if (credential.valid_to) {
        written["valid_to"] = *credential.valid_to;
    }
    return written;
}

}  // namespace server::api
