#pragma once

#include <string_view>

namespace server::api::login {

// The files of cloudsign/web/login, as they were when this program was built.
std::string_view script_text();
std::string_view style_text();

}  // namespace server::api::login
