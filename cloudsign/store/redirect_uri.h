#pragma once

#include <string_view>

namespace cloudsign::store {

// Whether a client may register the address: absolute, without fragment (RFC 6749 §3.1.2), of at
// most 1,024 printable ASCII characters; https, http to the user's own machine, or a scheme of an
// app's own, which has a dot (RFC 8252 §7.1, §7.3).
bool is_redirect_uri(std::string_view uri);

}  // namespace cloudsign::store
