#pragma once

#include "server/api/web_app.h"

namespace server::api::approve {

// The approve app of cloudsign/web/approve.
std::span<const WebFile> app_files();

// Those that have to be where they are, whatever is in them: the worker and the manifest.
std::span<const WebFile> app_root_files();

// The page that names them.
std::string_view app_page_text();

}  // namespace server::api::approve
