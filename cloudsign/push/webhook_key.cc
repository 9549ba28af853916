#include "cloudsign/push/webhook_key.h"

#include <boost/json.hpp>

namespace cloudsign::push {

Result<WebhookKey> WebhookKey::from_pem(std::string_view pem) {
    TRY_ASSIGN(auto signer, jose::Es256Signer::from_pem(pem));
    return WebhookKey(std::move(signer));
}

std::string WebhookKey::sign(const store::Webhook& webhook,
                             std::string_view body,
                             std::int64_t now_ms) const {
    return signer_.sign_detached({{"typ", "kyso-webhook"},
                                  {"iat", now_ms / 1000},
                                  {"jti", webhook.id},
                                  {"aud", webhook.client_id},
                                  {"url", webhook.url},
                                  {"event", webhook.kind}},
                                 body);
}

}  // namespace cloudsign::push
