#include <algorithm>

#include "server/api/approve/app_files.h"
#include "server/api/approve/endpoints.h"
#include "server/api/error_response.h"

namespace server::api::approve {
namespace {

// Files and requests of this host alone; nothing inline, nothing framed, no code from strings, and
// no policy that could make any.
constexpr std::string_view security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

// What this app never asks the browser for, whatever becomes of its script.
constexpr std::string_view permissions_policy =
    "publickey-credentials-create=(self), publickey-credentials-get=(self), geolocation=(), "
    "microphone=(), payment=(), usb=()";

}  // namespace

// One page at several addresses: what stands behind the '#' or in the path is the script's matter.
http::Outcome app_page(Context&, const http::Request&, const http::PathParameters&) {
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = app_page_text();
    response.with("Cache-Control", "no-cache")
        .with("Content-Security-Policy", security_policy)
        .with("Permissions-Policy", permissions_policy)
        .with("Referrer-Policy", "no-referrer")
        .with("Cross-Origin-Opener-Policy", "same-origin")
        .with("Cross-Origin-Resource-Policy", "same-origin")
        .with("X-Frame-Options", "DENY");
    return response;
}

http::Outcome app_file(Context&, const http::Request&, const http::PathParameters& parameters) {
    const auto files = app_files();
    const auto found = std::ranges::find(files, parameters.id, &AppFile::name);
    if (found == files.end()) {
        return error_response({cloudsign::ErrorKind::not_found, "no such file"});
    }
    http::Response response;
    response.content_type = found->type;
    response.body = found->text;
    response.with("Cache-Control", "public, max-age=31536000, immutable")
        .with("Cross-Origin-Resource-Policy", "same-origin");
    return response;
}

}  // namespace server::api::approve
