#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http/headers.h"
#include "server/net/ip_network.h"

namespace server::net {

// The reverse proxies whose word is taken for where a request comes from.
using TrustedProxies = std::vector<IpNetwork>;

// Who sent a request that has come from `peer`, an IP address: `peer` itself, unless it is one of
// `proxies`; then the last address in X-Forwarded-For that is none of them. A proxy appends whom it
// has heard, so what stands before that address is anybody's invention. Ports and brackets are
// taken off; what is no address ends the search at the proxy that has said so.
std::string sender(std::string_view peer,
                   const http::Headers& headers,
                   const TrustedProxies& proxies);

}  // namespace server::net
