#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/store/client_settings.h"

// Where something may be sent to.
namespace cloudsign::push {

struct Target {
    std::string url;   // as it is to be asked for
    std::string host;  // lower case, without port
    std::string port;  // as it was written; empty: the scheme's own
};

// An absolute URL in the strict grammar of RFC 3986 with a host that every parser reads alike: no
// user information, no fragment, letters, digits, hyphens and dots only, or an IPv6 address in
// brackets. `invalid` otherwise, and for another scheme than https unless `plain_http`.
enum class Scheme { https, https_or_http };
Result<Target> read_target(std::string_view url, Scheme allowed);

// Whether the host is one of `hosts`; "*.push.example" in the list stands for every name under
// push.example, and not for itself.
bool is_listed(const std::vector<std::string>& hosts, std::string_view host);

// The same, of a client: only the host of its webhook.url and those in its webhook.hosts.
Result<Target> client_target(const store::ClientSettings& settings, std::string_view url);

// Whether webhook.url, where there is one, and webhook.hosts say what could ever be reached.
// `invalid`: the setting, and what is wrong with it.
Result<void> check_targets(const store::ClientSettings& settings);

}  // namespace cloudsign::push
