#include "cloudsign/push/webhook_key.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "hsm/openssl/es256_raw.h"
#include "hsm/openssl/p256.h"

namespace cloudsign::push {
namespace {

namespace json = boost::json;

TEST(WebhookKey, SignsHeaderAndBodyButLeavesTheBodyOut) {
    const auto pair = hsm::openssl::make_p256_key();
    const auto point = *hsm::openssl::p256_point(pair.get());
    const auto key = WebhookKey::from_pem(hsm::openssl::private_key_pem(pair.get()));
    ASSERT_TRUE(key.has_value());
    store::Webhook webhook;
    webhook.id = "wh_1";
    webhook.client_id = "client_1";
    webhook.kind = "qd769.sign";
    webhook.url = "https://portal.example/hook";

    const auto jws = key->sign(webhook, R"({"a":1})", 1'790'000'000'999);

    const auto middle = jws.find("..");
    ASSERT_NE(middle, std::string::npos);
    const auto header = from_base64url(jws.substr(0, middle));
    ASSERT_TRUE(header.has_value());
    const auto protected_header =
        json::parse(std::string(header->begin(), header->end())).as_object();
    EXPECT_EQ(protected_header,
              (json::object{{"alg", "ES256"},
                            {"kid", key->kid()},
                            {"typ", "kyso-webhook"},
                            {"iat", 1'790'000'000},
                            {"jti", "wh_1"},
                            {"aud", "client_1"},
                            {"url", "https://portal.example/hook"},
                            {"event", "qd769.sign"}}));
    hsm::openssl::RawSignature signature{};
    ASSERT_TRUE(from_base64url_into(jws.substr(middle + 2), signature));
    const auto verifies = [&](std::string_view body) {
        const auto input = jws.substr(0, middle) + "." + base64url(hsm::view_of(body));
        return hsm::openssl::verify_es256_raw(point, hsm::view_of(input), signature);
    };
    EXPECT_TRUE(verifies(R"({"a":1})"));
    EXPECT_FALSE(verifies(R"({"a":2})"));
    EXPECT_EQ(key->jwk().at("kid").as_string(), key->kid());
}

}  // namespace
}  // namespace cloudsign::push
