#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "cloudsign/jose/compact_jws.h"
#include "cloudsign/store/webhook_table.h"

namespace cloudsign::push {

// The P-256 key that signs what portals are told: another than that of our tokens, so that neither
// can stand for the other. Its public half is in the JWK set. Any thread.
class WebhookKey {
public:
    // `internal` when it is no P-256 private key in PEM.
    static Result<WebhookKey> from_pem(std::string_view pem);

    boost::json::object jwk() const { return signer_.jwk(); }
    const std::string& kid() const { return signer_.kid(); }

    // A detached JWS of the body. The header says which webhook it is (jti), when (iat), to whom
    // (aud), where (url) and what (event); its typ keeps it from being taken for a token (RFC 8725
    // §3.11).
    std::string sign(const store::Webhook& webhook,
                     std::string_view body,
                     std::int64_t now_ms) const;

private:
    explicit WebhookKey(jose::Es256Signer signer) : signer_(std::move(signer)) {}

    jose::Es256Signer signer_;
};

}  // namespace cloudsign::push
