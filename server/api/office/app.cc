#include "server/api/office/app_files.h"
#include "server/api/office/endpoints.h"

namespace server::api::office {
namespace {

// Files and requests of this host alone; nothing inline, nothing framed, no code from strings, and
// no address of a script made from text.
constexpr std::string_view security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

constexpr std::string_view permissions_policy =
    "publickey-credentials-create=(self), publickey-credentials-get=(self), camera=(), "
    "geolocation=(), microphone=(), payment=(), usb=()";

}  // namespace

// One page at several addresses: what stands behind the '#' or in the path is the script's matter.
http::Outcome app_page(Context&, const http::Request&, const http::PathParameters&) {
    return web_page(app_page_text(), security_policy, permissions_policy);
}

http::Outcome app_file(Context&, const http::Request&, const http::PathParameters& parameters) {
    return web_file(app_files(), parameters.id);
}

}  // namespace server::api::office
