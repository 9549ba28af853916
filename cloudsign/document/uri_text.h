#pragma once

#include <string>
#include <string_view>

namespace cloudsign::document {

// RFC 3986 §2: a relative reference that names a document, whatever it is called; "document" where
// it is called nothing.
std::string uri_of(std::string_view name);

}  // namespace cloudsign::document
