#include <boost/json.hpp>

#include "cloudsign/pki/certificate.h"
#include "server/api/admin/credential_ids.h"
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
    TRY_ASSIGN(const auto ids, credential_ids_member(body));
    return context.credentials.request_certificates(ids);
}

cloudsign::Result<cloudsign::store::Transaction> request_renewal(Context& context,
                                                                 const http::Request& request) {
    using cloudsign::credential::OldCertificate;
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(const auto ids, credential_ids_member(body));
    TRY_ASSIGN(const auto supersedes, bool_member(body, "supersede"));
    return context.credentials.renew(
        ids, supersedes ? OldCertificate::superseded : OldCertificate::stays_valid);
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

http::Outcome renew(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto asked = request_renewal(context, request);
    return asked ? http::json(200, {{"transaction_id", asked->id}}) : error_response(asked.error());
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
