#pragma once

#include <string>
#include <string_view>

#include "cloudsign/error.h"
#include "cloudsign/oauth/token_key.h"
#include "cloudsign/store/webhook_table.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::push {

// The P-256 key that signs what portals are told: another than that of our tokens, so that neither
// can stand for the other. Its public half is in the JWK set. Any thread.
class WebhookKey {
public:
    // `internal` when the key cannot be used.
    static Result<WebhookKey> create(oauth::TokenKey key);

    // RFC 7517, JSON.
    std::string jwk() const;
    const std::string& kid() const { return key_.kid(); }

    // RFC 7515 appendix F: the compact form with the payload, which is the body, left out. The
    // header says which webhook it is (jti), when (iat), to whom (aud), where (url) and what
    // (event); its typ keeps it from being taken for a token (RFC 8725 §3.11).
    std::string sign(const store::Webhook& webhook,
                     std::string_view body,
                     std::int64_t now_ms) const;

private:
    WebhookKey(oauth::TokenKey key, hsm::openssl::EvpKeyPtr handle);

    oauth::TokenKey key_;
    hsm::openssl::EvpKeyPtr handle_;
};

}  // namespace cloudsign::push
