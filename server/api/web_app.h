#pragma once

#include <span>
#include <string_view>

#include "server/http/outcome.h"

namespace server::api {

// A file of an app of cloudsign/web, as it was bundled when this program was built.
struct WebFile {
    std::string_view name;  // with part of its hash: another content has another name
    std::string_view type;
    std::string_view text;
};

// An app's one page, under the policies that its host has.
http::Response web_page(std::string_view text,
                        std::string_view security_policy,
                        std::string_view permissions_policy);
// The one of that name, for a year; 404.
http::Outcome web_file(std::span<const WebFile> files, std::string_view name);

}  // namespace server::api
