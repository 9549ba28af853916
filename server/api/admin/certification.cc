#include <boost/json.hpp>

#include "cloudsign/external_ca/external_ca.h"
#include "cloudsign/pki/chain.h"
#include "server/api/admin/credential_ids.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

// Certificates of an authority outside: asking for them, and bringing them here.
namespace server::api::admin {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::external_ca::Asked;
using cloudsign::external_ca::Imported;
using cloudsign::pki::SubjectRule;

constexpr std::size_t pem_max = 768 * 1024;

cloudsign::Result<std::vector<Asked>> ask(Context& context, const http::Request& request) {
    TRY_ASSIGN(const auto body, read_json(request));
    TRY_ASSIGN(const auto ids, credential_ids_member(body));
    return context.external_ca.request(ids);
}

cloudsign::Result<std::vector<Imported>> import_all(Context& context,
                                                    const http::Request& request) {
    TRY_ASSIGN(const auto body, read_json(request));
    TRY_ASSIGN(const auto pem, text_member(body, "certificates", pem_max));
    TRY_ASSIGN(const auto any_subject, bool_member(body, "any_subject"));
    const auto certificates = cloudsign::pki::certificates_of_pem(pem);
    if (certificates.empty()) {
        return Error{ErrorKind::invalid, "certificates holds no certificate in PEM"};
    }
    return context.external_ca.import(certificates,
                                      any_subject ? SubjectRule::any : SubjectRule::as_asked);
}

cloudsign::Result<json::object> request_json(Context& context, const std::string& credential_id) {
    TRY_ASSIGN(const auto found, context.external_ca.newest(credential_id));
    json::object shown{{"credential_id", credential_id},
                       {"transaction_id", found.transaction.id},
                       {"approval", cloudsign::transaction::name(found.transaction.state)},
                       {"state", cloudsign::store::name(found.row.state)},
                       {"attempts", found.row.attempts}};
    if (!found.row.detail.empty()) {
        shown["detail"] = found.row.detail;
    }
    if (!found.pkcs10.empty()) {
        shown["request"] = cloudsign::pki::request_to_pem(found.pkcs10);
    }
    return shown;
}

cloudsign::Result<json::array> revocations_json(Context& context) {
    TRY_ASSIGN(const auto untold, context.external_ca.untold());
    json::array revocations;
    for (const auto& one : untold) {
        TRY_ASSIGN(const auto facts, cloudsign::pki::read_certificate(one.certificate));
        const auto reason = static_cast<cloudsign::pki::RevocationReason>(one.reason);
        json::object shown{{"serial_number", one.serial_number},
                           {"credential_id", one.credential_id},
                           {"issuer", facts.issuer},
                           {"subject", facts.subject},
                           {"reason", cloudsign::pki::revocation_reason_name(reason)},
                           {"revoked_at", one.created_at},
                           {"state", cloudsign::store::name(one.state)},
                           {"attempts", one.attempts}};
        if (!one.detail.empty()) {
            shown["detail"] = one.detail;
        }
        revocations.push_back(std::move(shown));
    }
    return revocations;
}

}  // namespace

http::Outcome request_certification(Context& context,
                                    const http::Request& request,
                                    const http::PathParameters&) {
    const auto asked = ask(context, request);
    if (!asked) {
        return error_response(asked.error());
    }
    json::array requests;
    for (const auto& one : *asked) {
        requests.push_back(json::object{{"credential_id", one.credential_id},
                                        {"transaction_id", one.transaction.id},
                                        {"signer_id", one.transaction.approver_id}});
    }
    return http::json(200, {{"requests", std::move(requests)}});
}

http::Outcome show_certification(Context& context,
                                 const http::Request&,
                                 const http::PathParameters& parameters) {
    const auto shown = request_json(context, std::string(parameters.id));
    return shown ? http::json(200, *shown) : error_response(shown.error());
}

http::Outcome import_certificates(Context& context,
                                  const http::Request& request,
                                  const http::PathParameters&) {
    const auto imported = import_all(context, request);
    if (!imported) {
        return error_response(imported.error());
    }
    json::array certificates;
    for (const auto& one : *imported) {
        json::object shown{{"credential_id", one.credential_id},
                           {"serial_number", one.serial_number},
                           {"subject", one.subject}};
        if (one.error) {
            shown["error"] = one.error->detail;
        }
        certificates.push_back(std::move(shown));
    }
    return http::json(200, {{"certificates", std::move(certificates)}});
}

http::Outcome list_external_revocations(Context& context,
                                        const http::Request&,
                                        const http::PathParameters&) {
    const auto shown = revocations_json(context);
    return shown ? http::json(200, {{"revocations", *shown}}) : error_response(shown.error());
}

http::Outcome note_external_revocation(Context& context,
                                       const http::Request& request,
                                       const http::PathParameters& parameters) {
    const auto noted = [&]() -> cloudsign::Result<void> {
        TRY_ASSIGN(const auto body, read_json(request));
        TRY_ASSIGN(const auto state, text_member(body, "state", 16));
        if (state != "told") {
            return Error{ErrorKind::invalid, "state must be told"};
        }
        return context.external_ca.note_told(std::string(parameters.id));
    }();
    return noted ? http::json(200, {{"serial_number", parameters.id}, {"state", "told"}})
                 : error_response(noted.error());
}

}  // namespace server::api::admin
