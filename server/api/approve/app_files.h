#pragma once

#include <span>
#include <string_view>

namespace server::api::approve {

// The approve app of cloudsign/web/approve, as it was bundled when this program was built.
struct AppFile {
    std::string_view name;  // with part of its hash: another content has another name
    std::string_view type;
    std::string_view text;
};
std::span<const AppFile> app_files();

// Those that have to be where they are, whatever is in them: the worker and the manifest.
std::span<const AppFile> app_root_files();

// The page that names them.
std::string_view app_page_text();

}  // namespace server::api::approve
