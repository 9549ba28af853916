#pragma once

#include <algorithm>
#include <string>

#include "cloudsign/hex.h"
#include "hsm/protocol/types.h"
#include "server/cli/failure.h"

namespace server::cli {

// The argument of --challenge.
inline Outcome<hsm::protocol::Nonce> parse_challenge(const std::string& text) {
    const auto bytes = cloudsign::from_hex(text);
    hsm::protocol::Nonce challenge{};
    if (!bytes || bytes->size() != challenge.size()) {
        return usage_failure("--challenge must be 64 hexadecimal digits");
    }
    std::ranges::copy(*bytes, challenge.begin());
    return challenge;
}

}  // namespace server::cli
