#pragma once

#include <chrono>
#include <string>

#include "hsm/base/secret.h"

namespace cloudsign::external_ca {

constexpr std::size_t est_secret_size_max = 256;

// One EST service (RFC 7030), and how it knows us by HTTP (§3.2.3). What it knows us by in TLS
// (§3.3.2) belongs to whoever brings the transport.
struct EstSettings {
    // https://HOST[:PORT]/.well-known/est[/LABEL] (§3.2.2), without an operation at its end.
    std::string url;
    // HTTP Basic (RFC 7617): sent unasked with every question. Both empty: not used.
    std::string user;
    hsm::Secret<est_secret_size_max> secret;
    std::chrono::milliseconds deadline{30'000};  // of each question; request() may ask two
};

}  // namespace cloudsign::external_ca
