#include <boost/json.hpp>

#include "cloudsign/pki/certificate.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/names.h"
#include "server/api/signer_json.h"
#include "server/http/form.h"

namespace server::api::admin {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;

cloudsign::Result<cloudsign::credential::Invited> add(Context& context,
                                                      const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto signer, text_member(body, "signer_id", 255));
    TRY_ASSIGN(auto key, optional_text_member(body, "key_type", 16));
    TRY_ASSIGN(auto description, optional_text_member(body, "description", 255));
    const auto key_type = key_type_named(key.empty() ? "p256" : key);
    if (!key_type) {
        return Error{ErrorKind::invalid,
                     "key_type is one of p256, p384, rsa2048, rsa3072, rsa4096"};
    }
    return context.credentials.invite(signer, *key_type, description);
}

cloudsign::Result<boost::json::object> credential_json(Context& context, const std::string& id) {
    TRY_ASSIGN(const auto credential, context.credentials.find(id));
    TRY_ASSIGN(const auto chain, context.credentials.chain(credential));
    boost::json::array certificates;
    for (const auto& certificate : chain) {
        certificates.push_back(boost::json::string(cloudsign::pki::to_pem(certificate)));
    }
    return boost::json::object{{"id", credential.id},
                               {"signer_id", credential.signer_id.value_or("")},
                               {"status", status_name(credential.status)},
                               {"key_type", key_type_name(credential.key_type)},
                               {"version", credential.version},
                               {"certificates", std::move(certificates)}};
}

}  // namespace

http::Outcome add_credential(Context& context,
                             const http::Request& request,
                             const http::PathParameters&) {
    const auto invited = add(context, request);
    if (!invited) {
        return error_response(invited.error());
    }
    return http::json(200,
                      {{"credential_id", invited->credential.id},
                       {"link", context.urls.approve + "/enrol#" + invited->invitation},
                       {"expires_at", invited->expires_at}});
}

http::Outcome list_credentials(Context& context,
                               const http::Request& request,
                               const http::PathParameters&) {
    const auto form = http::Form::parse(request.query);
    const auto signer = form ? form->find("signer") : std::nullopt;
    if (!signer) {
        return error_response({ErrorKind::invalid, "say whose: ?signer=ID"});
    }
    const auto known = context.signers.find(std::string(*signer));
    if (!known) {
        return error_response(known.error());
    }
    const auto credentials = context.credentials.of_signer(std::string(*signer));
    if (!credentials) {
        return error_response(credentials.error());
    }
    boost::json::array list;
    for (const auto& credential : *credentials) {
        list.push_back(credential_summary(credential));
    }
    return http::json(200, {{"credentials", std::move(list)}});
}

http::Outcome change_credential(Context& context,
                                const http::Request& request,
                                const http::PathParameters& parameters) {
    const std::string id(parameters.id);
    std::string asks;  // the transaction of a revocation
    const auto change = [&]() -> cloudsign::Result<void> {
        TRY_ASSIGN(auto body, read_json(request));
        TRY_ASSIGN(auto status, text_member(body, "status", 16));
        if (status == "disabled") {
            return context.credentials.suspend(id);
        }
        if (status == "enabled") {
            return context.credentials.resume_use(id);
        }
        if (status == "deleted") {
            return context.credentials.remove(id);
        }
        if (status == "revoked") {
            TRY_ASSIGN(auto name, text_member(body, "reason", 32));
            const auto reason = cloudsign::pki::revocation_reason_named(name);
            if (!reason) {
                return Error{ErrorKind::invalid, "reason must be one of RFC 5280 §5.3.1"};
            }
            TRY_ASSIGN(auto transaction, context.credentials.revoke(id, *reason));
            asks = transaction ? transaction->id : "";
            return {};
        }
        return Error{ErrorKind::invalid, "status must be enabled, disabled, revoked or deleted"};
    }();
    if (!change) {
        return error_response(change.error());
    }
    auto shown = credential_json(context, id);
    if (!shown) {
        return error_response(shown.error());
    }
    if (!asks.empty()) {
        (*shown)["transaction_id"] = asks;
    }
    return http::json(200, *shown);
}

http::Outcome show_credential(Context& context,
                              const http::Request&,
                              const http::PathParameters& parameters) {
    const auto shown = credential_json(context, std::string(parameters.id));
    return shown ? http::json(200, *shown) : error_response(shown.error());
}

}  // namespace server::api::admin
