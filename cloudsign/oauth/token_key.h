#pragma once

#include <filesystem>
#include <string>

#include "cloudsign/error.h"

namespace cloudsign::oauth {

// The P-256 key of our access tokens. Not a signer's key: with it one can ask, never sign.
class TokenKey {
public:
    // Reads the PEM file, or makes a key and the file (mode 0600) at the first start.
    // `unavailable` when the file cannot be read or made, `internal` when it holds no P-256 key.
    static Result<TokenKey> open(const std::filesystem::path& path);
    static Result<TokenKey> from_pem(const std::string& pem);

    TokenKey(const TokenKey&) = delete;
    TokenKey& operator=(const TokenKey&) = delete;
    TokenKey(TokenKey&&) = default;
    TokenKey& operator=(TokenKey&&) = default;
    ~TokenKey();

    const std::string& private_pem() const { return private_pem_; }
    const std::string& public_pem() const { return public_pem_; }
    // RFC 7638 thumbprint, base64url: names the key in JWKS and in each token's header.
    const std::string& kid() const { return kid_; }
    // Base64url coordinates.
    const std::string& x() const { return x_; }
    const std::string& y() const { return y_; }

private:
    TokenKey() = default;

    std::string private_pem_;
    std::string public_pem_;
    std::string kid_;
    std::string x_;
    std::string y_;
};

}  // namespace cloudsign::oauth
