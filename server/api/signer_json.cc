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

boost::json::object credential_summary(const cloudsign::store::Credential& credential) {
    return {{"id", credential.id},
            {"status", status_name(credential.status)},
            {"key_type", key_type_name(credential.key_type)},
            {"description", credential.description},
            {"created_at", credential.created_at}};
}

}  // namespace server::api
