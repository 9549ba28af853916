#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cloudsign/oauth/authorization_request.h"
#include "server/http/response.h"

// Small pages, rendered here: no script of anybody but us, no third party.
namespace server::api::login {

using cloudsign::oauth::PageLanguage;

// Text as HTML, safe between tags and in double quotes.
std::string escaped(std::string_view text);

// What the page's script reads: data-… attributes of <main>.
using PageData = std::vector<std::pair<std::string_view, std::string>>;

// A whole page around `content`, which is HTML. `title` is text.
http::Response page(unsigned status,
                    PageLanguage language,
                    std::string_view title,
                    std::string_view content,
                    const PageData& data = {});

// Says that nothing can be done here, and why: for requests whose client cannot be told.
http::Response failure_page(unsigned status, PageLanguage language, std::string_view reason);

}  // namespace server::api::login
