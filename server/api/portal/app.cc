#include "server/api/portal/app_files.h"
#include "server/api/portal/endpoints.h"

namespace server::api::portal {
namespace {

// Files and requests of this host alone, and pictures that the page itself was given. The one
// policy that makes addresses of scripts knows the document viewer's worker by name.
constexpr std::string_view security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types kyso-worker";

// People sign in on the login host, and approve on their phones.
constexpr std::string_view permissions_policy =
    "publickey-credentials-create=(), publickey-credentials-get=(), camera=(), "
    "geolocation=(), microphone=(), payment=(), usb=()";

}  // namespace

// One page at several addresses: what stands behind the '#' or in the path is the script's matter.
http::Outcome app_page(Context&, const http::Request&, const http::PathParameters&) {
    return web_page(app_page_text(), security_policy, permissions_policy);
}

http::Outcome app_file(Context&, const http::Request&, const http::PathParameters& parameters) {
    return web_file(app_files(), parameters.id);
}

}  // namespace server::api::portal
