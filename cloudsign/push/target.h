#pragma once

#include <string>
#include <string_view>

#include "cloudsign/error.h"
#include "cloudsign/store/client_settings.h"

// Where something may be sent to.
namespace cloudsign::push {

struct Target {
    std::string url;   // as it is to be asked for
    std::string host;  // lower case, without port
};

// An absolute URL in the strict grammar of RFC 3986 with a host that every parser reads alike: no
// user information, no fragment, letters, digits, hyphens and dots only, or an IPv6 address in
// brackets. `invalid` otherwise, and for another scheme than https unless `plain_http`.
enum class Scheme { https, https_or_http };
Result<Target> read_target(std::string_view url, Scheme allowed);

// The same, of a client: only the host of its webhook.url and those in its webhook.hosts.
Result<Target> client_target(const store::ClientSettings& settings, std::string_view url);

// Whether webhook.url, where there is one, and webhook.hosts say what could ever be reached.
// `invalid`: the setting, and what is wrong with it.
Result<void> check_targets(const store::ClientSettings& settings);

}  // namespace cloudsign::push
