#include "server/api/web_app.h"

#include <algorithm>

#include "server/api/error_response.h"

namespace server::api {

http::Response web_page(std::string_view text,
                        std::string_view security_policy,
                        std::string_view permissions_policy) {
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = text;
    response.with("Cache-Control", "no-cache")
        .with("Content-Security-Policy", security_policy)
        .with("Permissions-Policy", permissions_policy)
        .with("Referrer-Policy", "no-referrer")
        .with("Cross-Origin-Opener-Policy", "same-origin")
        .with("Cross-Origin-Resource-Policy", "same-origin")
        .with("X-Frame-Options", "DENY");
    return response;
}

http::Outcome web_file(std::span<const WebFile> files, std::string_view name) {
    const auto found = std::ranges::find(files, name, &WebFile::name);
    if (found == files.end()) {
        return error_response({cloudsign::ErrorKind::not_found, "no such file"});
    }
    http::Response response;
    response.content_type = found->type;
    response.body = found->text;
    // Counts where it is a worker: the document viewer's, which is handed all that it needs.
    response.with("Cache-Control", "public, max-age=31536000, immutable")
        .with("Content-Security-Policy", "default-src 'none'")
        .with("Cross-Origin-Resource-Policy", "same-origin");
    return response;
}

}  // namespace server::api
