#include <boost/json.hpp>

#include "cloudsign/pki/distinguished_name.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::admin {
namespace {

cloudsign::Result<cloudsign::store::Signer> add(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto id, text_member(body, "id", 255));
    TRY_ASSIGN(auto name, text_member(body, "name", 255));
    TRY_ASSIGN(auto subject, text_member(body, "subject", 1024));
    TRY_ASSIGN(auto language, optional_text_member(body, "language", 35));
    // The form in which certificates will show it, so that what the officer approves, hashes and
    // reads in the certificate is one text.
    TRY_ASSIGN(auto parsed, cloudsign::pki::parse_name(subject));
    return context.signers.add(
        id, name, cloudsign::pki::format_name(parsed.get()), language.empty() ? "vi" : language);
}

}  // namespace

http::Outcome add_signer(Context& context,
                         const http::Request& request,
                         const http::PathParameters&) {
    const auto signer = add(context, request);
    if (!signer) {
        return error_response(signer.error());
    }
    return http::json(200, {{"id", signer->id}, {"subject", signer->subject}});
}

}  // namespace server::api::admin
