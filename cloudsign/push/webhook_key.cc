#include "cloudsign/push/webhook_key.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "hsm/openssl/es256_raw.h"

namespace cloudsign::push {

namespace json = boost::json;

WebhookKey::WebhookKey(oauth::TokenKey key, hsm::openssl::EvpKeyPtr handle)
    : key_(std::move(key)), handle_(std::move(handle)) {}

Result<WebhookKey> WebhookKey::create(oauth::TokenKey key) {
    auto handle = hsm::openssl::read_private_key_pem(key.private_pem());
    if (!handle) {
        return Error{ErrorKind::internal, "the webhook key cannot be used"};
    }
    return WebhookKey(std::move(key), std::move(handle));
}

std::string WebhookKey::jwk() const {
    return json::serialize(json::object{{"kty", "EC"},
                                        {"crv", "P-256"},
                                        {"x", key_.x()},
                                        {"y", key_.y()},
                                        {"kid", key_.kid()},
                                        {"alg", "ES256"},
                                        {"use", "sig"}});
}

std::string WebhookKey::sign(const store::Webhook& webhook,
                             std::string_view body,
                             std::int64_t now_ms) const {
    const auto header = json::serialize(json::object{{"alg", "ES256"},
                                                     {"kid", key_.kid()},
                                                     {"typ", "kyso-webhook"},
                                                     {"iat", now_ms / 1000},
                                                     {"jti", webhook.id},
                                                     {"aud", webhook.client_id},
                                                     {"url", webhook.url},
                                                     {"event", webhook.kind}});
    const auto protected_header = base64url(hsm::view_of(header));
    const auto input = protected_header + "." + base64url(hsm::view_of(body));
    const auto signature = hsm::openssl::sign_es256_raw(handle_.get(), hsm::view_of(input));
    return protected_header + ".." + base64url(signature);
}

}  // namespace cloudsign::push
