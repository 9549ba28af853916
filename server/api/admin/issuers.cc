#include <boost/json.hpp>

#include "cloudsign/pki/certificate.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::admin {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;

http::Outcome opened(const cloudsign::Result<cloudsign::store::Transaction>& transaction) {
    if (!transaction) {
        return error_response(transaction.error());
    }
    return http::json(
        200, {{"credential_id", transaction->credential_id}, {"transaction_id", transaction->id}});
}

cloudsign::Result<cloudsign::store::Transaction> create(Context& context,
                                                        const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto subject, text_member(body, "subject", 1024));
    return context.credentials.create_issuer(subject);
}

cloudsign::Result<cloudsign::store::Transaction> create_service(Context& context,
                                                                const http::Request& request) {
    using cloudsign::store::CredentialOwner;
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto kind, text_member(body, "kind", 8));
    TRY_ASSIGN(auto subject, text_member(body, "subject", 1024));
    if (kind != "ocsp" && kind != "tsa") {
        return Error{ErrorKind::invalid, "kind is one of ocsp, tsa"};
    }
    return context.credentials.create_service(
        kind == "ocsp" ? CredentialOwner::ocsp : CredentialOwner::tsa, subject);
}

cloudsign::Result<cloudsign::store::Transaction> request_issue(Context& context,
                                                               const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    const auto* list = body.if_contains("credential_ids");
    if (list == nullptr || !list->is_array() || list->get_array().empty()) {
        return Error{ErrorKind::invalid, "credential_ids must be a list of strings"};
    }
    std::vector<std::string> ids;
    for (const auto& id : list->get_array()) {
        if (!id.is_string()) {
            return Error{ErrorKind::invalid, "credential_ids must be a list of strings"};
        }
        ids.emplace_back(id.get_string());
    }
    return context.credentials.request_certificates(ids);
}

}  // namespace

http::Outcome add_issuer(Context& context,
                         const http::Request& request,
                         const http::PathParameters&) {
    return opened(create(context, request));
}

http::Outcome add_service(Context& context,
                          const http::Request& request,
                          const http::PathParameters&) {
    return opened(create_service(context, request));
}

http::Outcome issue(Context& context, const http::Request& request, const http::PathParameters&) {
    return opened(request_issue(context, request));
}

// The CA's certificate in PEM, for whoever verifies.
http::Outcome authority(Context& context, const http::Request&, const http::PathParameters&) {
    const auto root = context.credentials.root_certificate();
    if (!root) {
        return error_response(root.error());
    }
    return http::json(200, {{"certificate", cloudsign::pki::to_pem(*root)}});
}

}  // namespace server::api::admin
