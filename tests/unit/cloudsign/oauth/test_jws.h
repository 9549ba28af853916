#pragma once

#include <string>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "hsm/openssl/es256_raw.h"

namespace cloudsign::oauth {

// A client's P-256 key, and whatever it may sign.
class TestKey {
public:
    boost::json::object jwk() const {
        const auto point = *hsm::openssl::p256_point(key_.get());
        const auto coordinates = hsm::ByteView(point).subspan(1);
        return {{"kty", "EC"},
                {"crv", "P-256"},
                {"x", base64url(coordinates.first(32))},
                {"y", base64url(coordinates.subspan(32))}};
    }

    std::string key_set() const {
        return boost::json::serialize(boost::json::object{{"keys", boost::json::array{jwk()}}});
    }

    std::string sign(const boost::json::object& header, const boost::json::object& payload) const {
        auto text = base64url(hsm::view_of(boost::json::serialize(header))) + "." +
                    base64url(hsm::view_of(boost::json::serialize(payload)));
        return text + "." + base64url(hsm::openssl::sign_es256_raw(key_.get(), hsm::view_of(text)));
    }

private:
    hsm::openssl::EvpKeyPtr key_ = hsm::openssl::make_p256_key();
};

}  // namespace cloudsign::oauth
