#pragma once

#include "server/api/web_app.h"

namespace server::api::portal {

// The signing portal's app of cloudsign/web/portal.
std::span<const WebFile> app_files();

// The page that names them.
std::string_view app_page_text();

}  // namespace server::api::portal
