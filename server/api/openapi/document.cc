#include "server/api/openapi/document.h"

namespace server::api::openapi {
namespace {

void replace(std::string& text, std::string_view name, std::string_view value) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
        text.replace(at, name.size(), value);
        at += value.size();
    }
}

}  // namespace

http::Outcome document(Context& context, const http::Request&, const http::PathParameters&) {
    std::string text(template_text());
    replace(text, "{{api}}", context.urls.api);
    replace(text, "{{approve}}", context.urls.approve);
    replace(text, "{{office}}", context.urls.office);
    return http::json_text(200, std::move(text));
}

}  // namespace server::api::openapi
