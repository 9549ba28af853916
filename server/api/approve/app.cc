#include <algorithm>

#include "server/api/approve/app_files.h"
#include "server/api/approve/endpoints.h"
#include "server/api/error_response.h"

namespace server::api::approve {
namespace {

// Files and requests of this host alone; nothing inline, nothing framed, no code from strings. The
// one policy that makes addresses of scripts knows those of the app's own workers by name.
constexpr std::string_view security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types kyso-worker";

// A worker's own policy comes with its script: it fetches from this host, and loads no other
// script.
constexpr std::string_view worker_policy = "default-src 'none'; connect-src 'self'";

// What this app never asks the browser for, whatever becomes of its script.
constexpr std::string_view permissions_policy =
    "publickey-credentials-create=(self), publickey-credentials-get=(self), camera=(self), "
    "geolocation=(), microphone=(), payment=(), usb=()";

}  // namespace

// One page at several addresses: what stands behind the '#' or in the path is the script's matter.
http::Outcome app_page(Context&, const http::Request&, const http::PathParameters&) {
    return web_page(app_page_text(), security_policy, permissions_policy);
}

http::Outcome app_root_file(Context&, const http::Request& request, const http::PathParameters&) {
    const auto files = app_root_files();
    const auto found =
        std::ranges::find(files, std::string_view(request.path).substr(1), &WebFile::name);
    if (found == files.end()) {
        return error_response({cloudsign::ErrorKind::not_found, "no such file"});
    }
    http::Response response;
    response.content_type = found->type;
    response.body = found->text;
    response.with("Cache-Control", "no-cache")
        .with("Content-Security-Policy", worker_policy)
        .with("Cross-Origin-Resource-Policy", "same-origin");
    return response;
}

http::Outcome app_file(Context&, const http::Request&, const http::PathParameters& parameters) {
    return web_file(app_files(), parameters.id);
}

}  // namespace server::api::approve
