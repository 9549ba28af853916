#include "cloudsign/oauth/client_authentication.h"

#include "cloudsign/hex.h"
#include "cloudsign/oauth/client_assertion.h"
#include "cloudsign/sha256.h"
#include "hsm/openssl/hmac_key.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"
#include "tests/unit/cloudsign/oauth/test_jws.h"

namespace cloudsign::oauth {
namespace {

namespace json = boost::json;

class ClientAuthenticatorTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        clients_ = std::make_unique<identity::ClientRegistry>(*database_, clock_);
        authenticator_ =
            std::make_unique<ClientAuthenticator>(*database_,
                                                  clock_,
                                                  *clients_,
                                                  logins_,
                                                  std::vector{issuer_, issuer_ + "/oauth2/token"});
        auto client = clients_->add_for_all("Cổng");
        ASSERT_TRUE(client.has_value());
        client_ = *std::move(client);
    }

    void set(const std::string& name, const std::string& value) {
        const auto done = clients_->change_settings(client_.client_id, {{name, value}});
        ASSERT_TRUE(done.has_value()) << done.error().detail;
    }

    json::object claims() {
        return {{"iss", client_.client_id},
                {"sub", client_.client_id},
                {"aud", issuer_},
                {"jti", "id-" + std::to_string(++ids_)},
                {"exp", clock_.now_ms() / 1000 + 60}};
    }

    std::string outcome(const ClientCredentials& credentials) {
        const auto answer = authenticator_->authenticate(credentials);
        return answer ? (*answer)->id : answer.error().description;
    }

    ClientCredentials asserting(const std::string& assertion) {
        ClientCredentials credentials;
        credentials.client_assertion_type = jwt_bearer_assertion;
        credentials.client_assertion = assertion;
        return credentials;
    }

    std::string with(std::string_view name, const json::value& value) {
        auto changed = claims();
        changed[name] = value;
        return outcome(asserting(key_.sign({{"alg", "ES256"}}, changed)));
    }

    const std::string issuer_ = "https://api.localhost:8443";
    const std::string refused_ = "Invalid parameter client_assertion";
    const TestKey key_;
    std::unique_ptr<identity::ClientRegistry> clients_;
    identity::LoginGuard logins_{clock_};
    std::unique_ptr<ClientAuthenticator> authenticator_;
    identity::NewClient client_;
    int ids_ = 0;
};

TEST_F(ClientAuthenticatorTest, TakesASignedAssertionOnce) {
    set("oauth.jwks", key_.key_set());
    set("oauth.token_auth", "private_key_jwt");
    const auto assertion = key_.sign({{"alg", "ES256"}, {"typ", "JWT"}}, claims());
    auto named = asserting(key_.sign({{"alg", "ES256"}}, claims()));
    named.client_id = client_.client_id;

    EXPECT_EQ(outcome(asserting(assertion)), client_.client_id);
    EXPECT_EQ(outcome(asserting(assertion)), refused_);
    EXPECT_EQ(outcome(named), client_.client_id);
    named.client_id = "client_other";
    EXPECT_EQ(outcome(named), "Invalid parameter client_id");
    // A new server on the same database remembers.
    ClientAuthenticator again(*database_, clock_, *clients_, logins_, {issuer_});
    EXPECT_FALSE(again.authenticate(asserting(assertion)).has_value());
}

TEST_F(ClientAuthenticatorTest, ChecksEveryClaimOfAnAssertion) {
    set("oauth.jwks", key_.key_set());
    set("oauth.token_auth", "private_key_jwt");
    const auto now = clock_.now_ms() / 1000;
    const auto& id = client_.client_id;

    EXPECT_EQ(with("aud", json::string(issuer_ + "/oauth2/token")), id);
    EXPECT_EQ(with("aud", json::array{issuer_}), id);
    EXPECT_EQ(with("aud", json::array{issuer_, issuer_ + "/oauth2/token"}), id);
    EXPECT_EQ(with("aud", json::array{issuer_, "https://elsewhere"}), refused_);
    EXPECT_EQ(with("aud", json::array{}), refused_);
    EXPECT_EQ(with("aud", "https://elsewhere"), refused_);
    EXPECT_EQ(with("aud", nullptr), refused_);
    EXPECT_EQ(with("iss", "client_other"), refused_);
    EXPECT_EQ(with("iss", nullptr), refused_);
    EXPECT_EQ(with("sub", "client_other"), refused_);
    EXPECT_EQ(with("sub", 5), refused_);
    EXPECT_EQ(with("exp", now - 30), refused_);
    EXPECT_EQ(with("exp", now - 29), id);
    EXPECT_EQ(with("exp", now + 630), id);
    EXPECT_EQ(with("exp", now + 631), refused_);
    EXPECT_EQ(with("exp", nullptr), refused_);
    EXPECT_EQ(with("nbf", now + 31), refused_);
    EXPECT_EQ(with("iat", "now"), refused_);
    EXPECT_EQ(with("iat", now), id);
    EXPECT_EQ(with("jti", nullptr), refused_);
    EXPECT_EQ(with("jti", json::string(257, 'a')), refused_);
}

TEST_F(ClientAuthenticatorTest, TakesAPublicClientAtItsName) {
    ClientCredentials name;
    name.client_id = client_.client_id;
    auto secret = name;
    secret.client_secret = client_.client_secret;
    EXPECT_EQ(outcome(name), "Client authorization required");

    set("oauth.redirect_uris", "https://portal.localhost/return");
    set("oauth.token_auth", "none");

    EXPECT_EQ(outcome(name), client_.client_id);
    EXPECT_EQ(outcome(secret), "Invalid parameter client_secret");
    name.client_id = "client_other";
    EXPECT_EQ(outcome(name), "Client authorization required");
    name.client_id = client_.client_id;
    ASSERT_TRUE(clients_->set_status(client_.client_id, store::ClientStatus::disabled));
    EXPECT_EQ(outcome(name), "Client authorization required");
}

TEST_F(ClientAuthenticatorTest, RefusesOtherKeysAndForms) {
    set("oauth.jwks", key_.key_set());
    set("oauth.token_auth", "private_key_jwt");

    EXPECT_EQ(outcome(asserting(TestKey().sign({{"alg", "ES256"}}, claims()))), refused_);
    EXPECT_EQ(outcome(asserting(key_.sign({{"alg", "HS256"}}, claims()))), refused_);
    EXPECT_EQ(outcome(asserting(key_.sign({{"alg", "ES256"}, {"typ", "dpop+jwt"}}, claims()))),
              refused_);
    EXPECT_EQ(outcome(asserting("x")), refused_);
    auto untyped = asserting(key_.sign({{"alg", "ES256"}}, claims()));
    untyped.client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    EXPECT_EQ(outcome(untyped), "Invalid parameter client_assertion_type");
    ClientCredentials alone;
    alone.client_assertion_type = jwt_bearer_assertion;
    EXPECT_EQ(outcome(alone), "Missing parameter client_assertion");
    auto both = asserting(key_.sign({{"alg", "ES256"}}, claims()));
    both.client_secret = client_.client_secret;
    EXPECT_EQ(outcome(both), "Invalid parameter client_secret");
}

TEST_F(ClientAuthenticatorTest, AllowsOnlyTheRegisteredWay) {
    ClientCredentials secret;
    secret.client_id = client_.client_id;
    secret.client_secret = client_.client_secret;
    ClientCredentials certificate;
    certificate.client_id = client_.client_id;
    certificate.certificate = sha256("certificate");
    const auto assertion = [&] { return asserting(key_.sign({{"alg", "ES256"}}, claims())); };
    set("oauth.jwks", key_.key_set());
    set("oauth.certificate_sha256", hex(sha256("older")) + "," + hex(sha256("certificate")));

    EXPECT_EQ(outcome(secret), client_.client_id);
    EXPECT_EQ(outcome(assertion()), refused_);
    EXPECT_EQ(outcome(certificate), "Client authorization required");

    set("oauth.token_auth", "private_key_jwt");
    EXPECT_EQ(outcome(secret), "Invalid parameter client_secret");
    EXPECT_EQ(outcome(assertion()), client_.client_id);
    EXPECT_EQ(outcome(certificate), "Client authorization required");

    set("oauth.token_auth", "tls_client_auth");
    EXPECT_EQ(outcome(secret), "Invalid parameter client_secret");
    EXPECT_EQ(outcome(assertion()), refused_);
    EXPECT_EQ(outcome(certificate), client_.client_id);
    certificate.certificate = sha256("another");
    EXPECT_EQ(outcome(certificate), "Client authorization required");
    certificate.certificate.reset();
    EXPECT_EQ(outcome(certificate), "Client authorization required");

    certificate.certificate = sha256("certificate");
    ASSERT_TRUE(clients_->set_status(client_.client_id, store::ClientStatus::disabled));
    EXPECT_EQ(outcome(certificate), "Client authorization required");
}

TEST_F(ClientAuthenticatorTest, PausesWhoGuesses) {
    ClientCredentials guess;
    guess.client_id = client_.client_id;
    guess.client_secret = "wrong";
    guess.peer = "192.0.2.1";
    auto right = guess;
    right.client_secret = client_.client_secret;
    for (unsigned i = 0; i < identity::LoginGuard::Bounds().pair; ++i) {
        ASSERT_EQ(outcome(guess), "Invalid parameter client_secret");
    }

    const auto paused = authenticator_->authenticate(right);

    ASSERT_FALSE(paused.has_value());
    EXPECT_EQ(paused.error().http_status, 429);
    EXPECT_GT(paused.error().retry_after_s, 0);
    right.peer = "192.0.2.2";
    EXPECT_EQ(outcome(right), client_.client_id) << "from elsewhere nobody is locked out";
}

TEST_F(ClientAuthenticatorTest, ReadsWhomAnAccountTokenNames) {
    const auto client = *clients_->find(client_.client_id);
    const auto sign =
        [](std::string_view header, const json::object& payload, const hsm::Digest& key) {
            const auto text = base64url(hsm::view_of(header)) + "." +
                              base64url(hsm::view_of(json::serialize(payload)));
            return text + "." + base64url(hsm::openssl::HmacKey(key).mac(hsm::view_of(text)));
        };
    const auto key = sha256(client_.client_secret);
    const auto hs256 = R"({"alg":"HS256","typ":"JWT"})";
    const auto claims_with = [&](std::string_view name, const json::value& value) {
        json::object claims{{"sub", "an"},
                            {"iat", clock_.now_ms() / 1000},
                            {"jti", "id-" + std::to_string(++ids_)},
                            {"azp", client_.client_id}};
        claims[name] = value;
        return claims;
    };
    const auto named = [&](const std::string& token) {
        const auto answer = authenticator_->signer_named(*client, token);
        return answer ? *answer : "refused";
    };
    const auto good = sign(hs256, claims_with("sub", "an"), key);

    EXPECT_EQ(named(good), "an");
    EXPECT_EQ(named(good), "refused") << "twice";
    EXPECT_EQ(named(sign(R"({"alg":"none"})", claims_with("sub", "an"), key)), "refused");
    EXPECT_EQ(named(sign(hs256, claims_with("sub", "an"), sha256("other"))), "refused");
    EXPECT_EQ(named(sign(hs256, claims_with("azp", "client_other"), key)), "refused");
    EXPECT_EQ(named(sign(hs256, claims_with("jti", nullptr), key)), "refused");
    EXPECT_EQ(named(sign(hs256, claims_with("sub", ""), key)), "refused");
    const auto now = clock_.now_ms() / 1000;
    EXPECT_EQ(named(sign(hs256, claims_with("iat", now - 600), key)), "refused");
    EXPECT_EQ(named(sign(hs256, claims_with("iat", now + 31), key)), "refused");
    EXPECT_EQ(named(sign(hs256, claims_with("iat", now - 599), key)), "an");
    EXPECT_EQ(named("x.y"), "refused");
}

TEST_F(ClientAuthenticatorTest, RefusesSettingsThatCannotWork) {
    const auto refusal = [&](const std::string& name, const std::string& value) {
        const auto done = clients_->change_settings(client_.client_id, {{name, value}});
        return done ? "taken" : done.error().detail;
    };

    EXPECT_EQ(refusal("oauth.jwks", R"({"keys":[]})"),
              "oauth.jwks must be a JWK Set of 1 to 8 public keys");
    EXPECT_EQ(refusal("oauth.certificate_sha256", "00"),
              "oauth.certificate_sha256 must be up to 4 SHA-256 of certificates (DER), "
              "hexadecimal, with commas");
    EXPECT_EQ(refusal("oauth.token_auth", "basic"),
              "oauth.token_auth must be client_secret, private_key_jwt, tls_client_auth or none");
    EXPECT_EQ(refusal("oauth.dpop", "on"), "oauth.dpop must be allowed or required");
    EXPECT_EQ(refusal("oauth.dpop", "required"), "taken");
    EXPECT_EQ(refusal("oauth.jwks", ""), "taken");
    // Nobody is locked out by half of what it takes.
    EXPECT_EQ(refusal("oauth.token_auth", "private_key_jwt"),
              "oauth.token_auth=private_key_jwt needs oauth.jwks");
    EXPECT_EQ(refusal("oauth.token_auth", "tls_client_auth"),
              "oauth.token_auth=tls_client_auth needs oauth.certificate_sha256");
    EXPECT_EQ(refusal("oauth.jwks", key_.key_set()), "taken");
    EXPECT_EQ(refusal("oauth.token_auth", "private_key_jwt"), "taken");
    EXPECT_EQ(refusal("oauth.jwks", ""), "oauth.token_auth=private_key_jwt needs oauth.jwks");
    std::string printed;
    for (int i = 0; i < 32; ++i) {
        printed += i == 0 ? "AB" : ":AB";
    }
    EXPECT_EQ(refusal("oauth.certificate_sha256", printed), "taken");
    std::string plain;
    for (int i = 0; i < 32; ++i) {
        plain += "ab";
    }
    EXPECT_EQ((*clients_->find(client_.client_id))->settings.certificates_sha256,
              std::vector{plain});
}

}  // namespace
}  // namespace cloudsign::oauth
