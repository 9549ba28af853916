#include "server/api/login/assets.h"

#include "server/api/login/endpoints.h"

namespace server::api::login {
namespace {

http::Response asset(std::string_view type, std::string_view text) {
    http::Response response;
    response.content_type = type;
    response.body = text;
    return response.with("Cache-Control", "public, max-age=300");
}

}  // namespace

http::Outcome script(Context&, const http::Request&, const http::PathParameters&) {
    return asset("text/javascript; charset=utf-8", script_text());
}

http::Outcome style(Context&, const http::Request&, const http::PathParameters&) {
    return asset("text/css; charset=utf-8", style_text());
}

}  // namespace server::api::login
