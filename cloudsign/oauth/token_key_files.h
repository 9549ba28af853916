#pragma once

#include <filesystem>
#include <vector>

#include "cloudsign/oauth/token_key.h"

namespace cloudsign::oauth {

struct RetiredKey {
    TokenPublicKey key;
    std::int64_t until_ms = 0;  // its last token has expired then
};

// Where the token key lives: FILE, and beside it the public keys of those before it as
// FILE.retired-MILLISECONDS, each until that time.
class TokenKeyFiles {
public:
    explicit TokenKeyFiles(std::filesystem::path file) : file_(std::move(file)) {}

    // Reads the key, or makes it and the file (mode 0600) at the first start. `unavailable` when
    // the file cannot be read or made, `internal` when it holds no P-256 key.
    Result<TokenKey> open();

    // Those that are needed at `now_ms`; removes the files of the others.
    Result<std::vector<RetiredKey>> retired(std::int64_t now_ms);

    // A fresh key in place of `current`, whose public half is kept until `until_ms`. A crash leaves
    // the old key or the new one, never none, and never tokens that nothing checks.
    Result<TokenKey> rotate(const TokenPublicKey& current, std::int64_t until_ms);

private:
    const std::filesystem::path file_;
};

}  // namespace cloudsign::oauth
