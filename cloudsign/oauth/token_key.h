#pragma once

#include <string>

#include "cloudsign/error.h"

namespace cloudsign::oauth {

// What others need to check our tokens.
struct TokenPublicKey {
    // `internal` when it holds no P-256 public key.
    static Result<TokenPublicKey> from_pem(const std::string& pem);

    std::string pem;
    // RFC 7638 thumbprint, base64url: names the key in JWKS and in each token's header.
    std::string kid;
    // Base64url coordinates.
    std::string x;
    std::string y;
};

// The P-256 key of our access tokens. Not a signer's key: with it one can ask, never sign.
class TokenKey {
public:
    // `internal` when it is no P-256 private key in PEM.
    static Result<TokenKey> from_pem(const std::string& pem);
    static Result<TokenKey> generate();

    TokenKey(const TokenKey&) = delete;
    TokenKey& operator=(const TokenKey&) = delete;
    TokenKey(TokenKey&&) = default;
    TokenKey& operator=(TokenKey&&) = default;
    ~TokenKey();

    const std::string& private_pem() const { return private_pem_; }
    const TokenPublicKey& public_key() const { return public_; }
    const std::string& kid() const { return public_.kid; }

private:
    TokenKey() = default;

    std::string private_pem_;
    TokenPublicKey public_;
};

}  // namespace cloudsign::oauth
