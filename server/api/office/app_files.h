#pragma once

#include "server/api/web_app.h"

namespace server::api::office {

// The office's app of cloudsign/web/office.
std::span<const WebFile> app_files();

// The page that names them.
std::string_view app_page_text();

}  // namespace server::api::office
