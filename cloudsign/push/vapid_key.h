#pragma once

#include <string>
#include <string_view>

#include "cloudsign/jose/compact_jws.h"

namespace cloudsign::push {

// The P-256 key by which push services know this server (RFC 8292). A browser binds each
// subscription to one, so that nobody else can send there. Any thread.
class VapidKey {
public:
    // `internal` when it is no P-256 private key in PEM.
    static Result<VapidKey> from_pem(std::string_view pem);

    // The uncompressed point, base64url: what a page hands to PushManager.subscribe().
    const std::string& public_key() const { return public_key_; }

    // The Authorization header's value for requests to `origin` (https://host, a port where it is
    // not 443), good for an hour. `contact`: whom the push service may write to, mailto: or https:.
    std::string authorization(const std::string& origin,
                              const std::string& contact,
                              std::int64_t now_ms) const;

private:
    VapidKey(jose::Es256Signer signer, std::string public_key)
        : signer_(std::move(signer)), public_key_(std::move(public_key)) {}

    jose::Es256Signer signer_;
    std::string public_key_;
};

}  // namespace cloudsign::push
