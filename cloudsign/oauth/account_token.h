#pragma once

#include <string>
#include <string_view>

#include "cloudsign/error.h"
#include "hsm/base/bytes.h"

namespace cloudsign::oauth {

struct AccountToken {
    std::string signer_id;
    hsm::Digest id{};  // of client and jti: may come once until it expires
    std::int64_t expires_at_ms = 0;
};

// CSC v1 §8.4.1: a JWT of a client, HS256 and nothing else. `invalid` with the reason, which is for
// the log.
Result<AccountToken> read_account_token(std::string_view token,
                                        const std::string& client_id,
                                        const hsm::Digest& key,
                                        std::int64_t now_ms);

}  // namespace cloudsign::oauth
