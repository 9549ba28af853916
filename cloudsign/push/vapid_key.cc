#include "cloudsign/push/vapid_key.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "hsm/openssl/p256.h"

namespace cloudsign::push {

Result<VapidKey> VapidKey::from_pem(std::string_view pem) {
    TRY_ASSIGN(auto signer, jose::Es256Signer::from_pem(pem));
    const auto pair = hsm::openssl::read_private_key_pem(pem);
    return VapidKey(std::move(signer), base64url(hsm::openssl::p256_point(pair.get()).value()));
}

std::string VapidKey::authorization(const std::string& origin,
                                    const std::string& contact,
                                    std::int64_t now_ms) const {
    constexpr std::int64_t life_s = 3600;  // RFC 8292 §2: at most 24 hours
    const boost::json::object claims{
        {"aud", origin}, {"exp", now_ms / 1000 + life_s}, {"sub", contact}};
    return "vapid t=" + signer_.sign("JWT", claims) + ", k=" + public_key_;
}

}  // namespace cloudsign::push
