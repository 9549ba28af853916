#include "cloudsign/oauth/authorization_server.h"

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "cloudsign/identity/application_logins.h"
#include "cloudsign/jose/public_key.h"
#include "cloudsign/sha256.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"
#include "tests/unit/cloudsign/oauth/test_jws.h"

namespace cloudsign::oauth {
namespace {

class AuthorizationServerTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        clients_ = std::make_unique<identity::ClientRegistry>(*database_, clock_);
        auto revocations = Revocations::open(*database_, clock_);
        ASSERT_TRUE(revocations.has_value());
        revocations_ = *std::move(revocations);
        auto key = TokenKeyFiles(folder_.file("token-key.pem")).open();
        ASSERT_TRUE(key.has_value());
        auto tokens = TokenService::create(
            *std::move(key), {}, {issuer_, "kyso-csc", 1800}, clock_, *revocations_);
        ASSERT_TRUE(tokens.has_value());
        tokens_ = *std::move(tokens);
        codes_ = std::make_unique<AuthorizationCodes>(*database_, clock_, *revocations_);
        refresh_tokens_ = std::make_unique<RefreshTokens>(*database_, clock_, *revocations_);
        authenticator_ = std::make_unique<ClientAuthenticator>(
            *database_, clock_, *clients_, logins_, std::vector{issuer_, token_url_});
        dpop_ = std::make_unique<DpopVerifier>(clock_);
        server_ = std::make_unique<AuthorizationServer>(
            *authenticator_, *tokens_, *codes_, *refresh_tokens_, *revocations_, *dpop_);
        auto client = clients_->add_for_all("Cổng");
        ASSERT_TRUE(client.has_value());
        client_ = *std::move(client);
    }

    TokenRequest post() {
        TokenRequest request;
        request.grant_type = "client_credentials";
        request.client.client_id = client_.client_id;
        request.client.client_secret = client_.client_secret;
        request.urls = {token_url_};
        return request;
    }

    TokenRequest basic(const std::string& user_and_password) {
        TokenRequest request;
        request.grant_type = "client_credentials";
        request.client.authorization = "Basic " + base64(hsm::view_of(user_and_password));
        return request;
    }

    Grant a_grant() {
        Grant grant;
        grant.client_id = client_.client_id;
        grant.signer_id = "signer_a";
        grant.authorization_details = R"([{"type":"credential"}])";
        grant.refresh = true;
        return grant;
    }

    // Of the portal itself, by auth/login.
    Grant a_login() {
        auto grant = a_grant();
        grant.signer_id.reset();
        grant.origin = GrantOrigin::login;
        return grant;
    }

    TokenRequest code_request(const Grant& grant) {
        const auto code = codes_->issue(grant, {});
        EXPECT_TRUE(code.has_value());
        auto request = post();
        request.grant_type = "authorization_code";
        request.code = *code;
        return request;
    }

    TokenRequest refresh_request(const std::string& refresh_token) {
        auto request = post();
        request.grant_type = "refresh_token";
        request.refresh_token = refresh_token;
        return request;
    }

    void expect_error(const TokenRequest& request,
                      TokenErrorCode code,
                      int http_status,
                      const std::string& description) {
        const auto answer = server_->token(request);
        ASSERT_FALSE(answer.has_value());
        EXPECT_EQ(answer.error().code, code) << description;
        EXPECT_EQ(answer.error().http_status, http_status) << description;
        EXPECT_EQ(answer.error().description, description);
    }

    const std::string issuer_ = "https://api.localhost";
    const std::string token_url_ = "https://api.localhost/oauth2/token";
    std::unique_ptr<identity::ClientRegistry> clients_;
    identity::LoginGuard logins_{clock_};
    std::unique_ptr<Revocations> revocations_;
    std::unique_ptr<TokenService> tokens_;
    std::unique_ptr<AuthorizationCodes> codes_;
    std::unique_ptr<RefreshTokens> refresh_tokens_;
    std::unique_ptr<ClientAuthenticator> authenticator_;
    std::unique_ptr<DpopVerifier> dpop_;
    std::unique_ptr<AuthorizationServer> server_;
    identity::NewClient client_;
};

TEST_F(AuthorizationServerTest, GivesATokenForEitherWayToNameTheClient) {
    for (const auto& request :
         {post(),
          basic(client_.client_id + ":" + client_.client_secret),
          basic("%63" + client_.client_id.substr(1) + ":" + client_.client_secret)}) {
        const auto answer = server_->token(request);
        ASSERT_TRUE(answer.has_value()) << answer.error().description;
        EXPECT_EQ(answer->token_type, "Bearer");
        EXPECT_EQ(answer->expires_in_s, 1800);
        const auto claims = tokens_->verify(answer->access_token);
        ASSERT_TRUE(claims.has_value());
        EXPECT_EQ(claims->client_id, client_.client_id);
    }
    auto repeated = basic(client_.client_id + ":" + client_.client_secret);
    repeated.client.client_id = client_.client_id;
    repeated.scope = "service";
    EXPECT_TRUE(server_->token(repeated).has_value());
}

TEST_F(AuthorizationServerTest, NamesWhatIsMissingOrWrong) {
    using enum TokenErrorCode;
    auto request = post();
    request.grant_type.reset();
    expect_error(request, invalid_request, 400, "Missing parameter grant_type");
    request = post();
    request.grant_type = "password";
    expect_error(request, unsupported_grant_type, 400, "Invalid parameter grant_type");
    request = post();
    request.client.client_id.reset();
    expect_error(request, invalid_request, 400, "Missing parameter client_id");
    request = post();
    request.client.client_secret.reset();
    expect_error(request, invalid_client, 401, "Client authorization required");
    request = post();
    request.client.client_secret = "wrong";
    expect_error(request, invalid_client, 401, "Invalid parameter client_secret");
    request = post();
    request.client.client_id = "client_unknown";
    expect_error(request, invalid_client, 401, "Invalid parameter client_secret");
    request = post();
    request.scope = "service credential";
    expect_error(request, invalid_scope, 400, "Invalid parameter scope");
}

TEST_F(AuthorizationServerTest, ReadsTheBasicHeaderStrictly) {
    using enum TokenErrorCode;
    const auto pair = client_.client_id + ":" + client_.client_secret;
    for (const auto& header : {std::string("Basic"),
                               std::string("Basic "),
                               std::string("Bearer abc"),
                               std::string("Basic !!!!"),
                               "Basic " + base64url(hsm::view_of(pair + "x")) + "\n",
                               "Basic " + base64(hsm::view_of("no colon")),
                               "Basic " + base64(hsm::view_of(":secret")),
                               "Basic " + base64(hsm::view_of("a%4:b")),
                               "Basic " + base64(hsm::view_of("a%zz:b")),
                               "Basic  " + base64(hsm::view_of(pair))}) {
        TokenRequest request;
        request.grant_type = "client_credentials";
        request.client.authorization = header;
        expect_error(request, invalid_client, 401, "Invalid authorization header");
    }
    auto both = basic(pair);
    both.client.client_secret = client_.client_secret;
    expect_error(both, invalid_request, 400, "Invalid parameter client_secret");
    auto other = basic(pair);
    other.client.client_id = "someone else";
    expect_error(other, invalid_request, 400, "Invalid parameter client_id");
    auto lower = basic(pair);
    lower.client.authorization = "basic" + lower.client.authorization->substr(5);
    EXPECT_TRUE(server_->token(lower).has_value());
}

TEST_F(AuthorizationServerTest, GivesAPublicClientWhatAPersonGrantedAndNothingElse) {
    ASSERT_TRUE(
        clients_->change_settings(client_.client_id,
                                  {{"oauth.redirect_uris", "https://portal.localhost/return"},
                                   {"oauth.token_auth", "none"}}));
    auto request = code_request(a_grant());
    request.client.client_secret.reset();
    auto for_itself = request;
    for_itself.grant_type = "client_credentials";

    expect_error(for_itself,
                 TokenErrorCode::unauthorized_client,
                 400,
                 "This client acts for people who sign in, never for itself");
    const auto answer = server_->token(request);
    ASSERT_TRUE(answer.has_value()) << answer.error().description;
    EXPECT_EQ(tokens_->verify(answer->access_token)->signer_id, "signer_a");
    auto again = request;
    again.grant_type = "refresh_token";
    again.refresh_token = answer->refresh_token;
    EXPECT_TRUE(server_->token(again).has_value());
    EXPECT_FALSE(server_->token(again).has_value()) << "each refresh token once";
}

TEST_F(AuthorizationServerTest, ExchangesACodeForTokensOfItsGrant) {
    auto request = code_request(a_grant());

    const auto answer = server_->token(request);

    ASSERT_TRUE(answer.has_value()) << answer.error().description;
    EXPECT_EQ(answer->token_type, "Bearer");
    EXPECT_EQ(answer->scope, "service");
    EXPECT_EQ(answer->authorization_details, R"([{"type":"credential"}])");
    ASSERT_TRUE(answer->refresh_token.has_value());
    const auto claims = tokens_->verify(answer->access_token);
    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(claims->signer_id, "signer_a");
    expect_error(
        request, TokenErrorCode::invalid_grant, 400, "Authorization code is invalid or expired");
    EXPECT_FALSE(tokens_->verify(answer->access_token).has_value()) << "the code came again";
    expect_error(refresh_request(*answer->refresh_token),
                 TokenErrorCode::invalid_grant,
                 400,
                 "Invalid parameter refresh_token");
}

TEST_F(AuthorizationServerTest, GivesASadThatEndsWithItsTransaction) {
    auto grant = a_grant();
    grant.scope = "credential";
    grant.transaction_id = "tx_1";
    grant.refresh = false;
    grant.token_type = TokenType::sad;
    grant.access_until_ms = clock_.now_ms() + 60'000;

    const auto answer = server_->token(code_request(grant));

    ASSERT_TRUE(answer.has_value()) << answer.error().description;
    EXPECT_EQ(answer->token_type, "SAD");
    EXPECT_EQ(answer->expires_in_s, 60);
    EXPECT_FALSE(answer->refresh_token.has_value());
    EXPECT_EQ(tokens_->verify(answer->access_token)->transaction_id, "tx_1");
    const auto late = code_request(grant);
    clock_.advance(60'000);
    expect_error(
        late, TokenErrorCode::invalid_grant, 400, "Authorization code is invalid or expired");
}

TEST_F(AuthorizationServerTest, RotatesRefreshTokensAndEndsAGrantWhoseTokenComesAgain) {
    const auto first = server_->token(code_request(a_grant()));
    ASSERT_TRUE(first.has_value());

    const auto second = server_->token(refresh_request(*first->refresh_token));
    ASSERT_TRUE(second.has_value()) << second.error().description;
    ASSERT_NE(second->refresh_token, first->refresh_token);
    EXPECT_TRUE(tokens_->verify(first->access_token).has_value());
    EXPECT_EQ(tokens_->verify(second->access_token)->signer_id, "signer_a");

    const std::string refused = "Invalid parameter refresh_token";
    expect_error(
        refresh_request(*first->refresh_token), TokenErrorCode::invalid_grant, 400, refused);
    expect_error(
        refresh_request(*second->refresh_token), TokenErrorCode::invalid_grant, 400, refused);
    EXPECT_FALSE(tokens_->verify(first->access_token).has_value());
    EXPECT_FALSE(tokens_->verify(second->access_token).has_value());
}

TEST_F(AuthorizationServerTest, RefusesRefreshTokensOfOthersAndOfThePast) {
    using enum TokenErrorCode;
    const auto tokens = server_->token(code_request(a_grant()));
    ASSERT_TRUE(tokens.has_value());
    const auto other = clients_->add_for_all("Khác");
    ASSERT_TRUE(other.has_value());
    auto stolen = refresh_request(*tokens->refresh_token);
    stolen.client.client_id = other->client_id;
    stolen.client.client_secret = other->client_secret;

    expect_error(stolen, invalid_grant, 400, "Invalid parameter refresh_token");
    auto wider = refresh_request(*tokens->refresh_token);
    wider.scope = "credential";
    expect_error(wider, invalid_scope, 400, "Invalid parameter scope");
    auto nothing = refresh_request("");
    nothing.refresh_token.reset();
    expect_error(nothing, invalid_request, 400, "Missing parameter refresh_token");
    nothing.grant_type = "authorization_code";
    expect_error(nothing, invalid_request, 400, "Missing parameter code");
    clock_.advance(grant_lifetime_ms);
    ASSERT_TRUE(revocations_->sweep());
    expect_error(
        refresh_request(*tokens->refresh_token), invalid_grant, 400, "Refresh token expired");
}

TEST_F(AuthorizationServerTest, RevokesWhatItsClientNames) {
    using Revoked = AuthorizationServer::Revoked;
    const auto tokens = server_->token(code_request(a_grant()));
    ASSERT_TRUE(tokens.has_value());
    const auto& access = tokens->access_token;
    const auto& refresh = *tokens->refresh_token;
    const auto revoke = [&](const std::string& client, const std::string& token) {
        const auto answer = server_->revoke(client, token);
        EXPECT_TRUE(answer.has_value());
        return *answer;
    };

    EXPECT_EQ(revoke("client_b", access), Revoked::unknown);
    EXPECT_EQ(revoke("client_b", refresh), Revoked::unknown);
    EXPECT_EQ(revoke(client_.client_id, "x.y.z"), Revoked::unknown);
    EXPECT_EQ(revoke(client_.client_id, "xyz"), Revoked::unknown);
    EXPECT_TRUE(tokens_->verify(access).has_value());

    EXPECT_EQ(revoke(client_.client_id, access), Revoked::done);
    EXPECT_EQ(revoke(client_.client_id, access), Revoked::done) << "again";
    EXPECT_FALSE(tokens_->verify(access).has_value());
    const auto next = server_->token(refresh_request(refresh));
    ASSERT_TRUE(next.has_value()) << "the refresh token is still there";

    EXPECT_EQ(revoke(client_.client_id, *next->refresh_token), Revoked::done);
    EXPECT_FALSE(tokens_->verify(next->access_token).has_value());
    expect_error(refresh_request(*next->refresh_token),
                 TokenErrorCode::invalid_grant,
                 400,
                 "Invalid parameter refresh_token");
}

TEST_F(AuthorizationServerTest, BindsTokensToWhoeverProvesAKey) {
    const TestKey key;
    const auto proof = [&](const std::string& id) {
        return key.sign(
            {{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", key.jwk()}},
            {{"jti", id}, {"htm", "POST"}, {"htu", token_url_}, {"iat", clock_.now_ms() / 1000}});
    };
    auto request = post();
    request.dpop_proof = proof("1");

    const auto bound = server_->token(request);

    ASSERT_TRUE(bound.has_value()) << bound.error().description;
    EXPECT_EQ(bound->token_type, "DPoP");
    EXPECT_EQ(tokens_->verify(bound->access_token)->confirmation.key_thumbprint,
              base64url(jose::PublicKey::from_jwk(key.jwk())->thumbprint()));
    expect_error(
        request, TokenErrorCode::invalid_dpop_proof, 400, "DPoP proof: it was used before");
    ASSERT_TRUE(clients_->change_settings(client_.client_id, {{"oauth.dpop", "required"}}));
    expect_error(post(), TokenErrorCode::invalid_dpop_proof, 400, "A DPoP proof is required");
    request.dpop_proof = proof("2");
    EXPECT_TRUE(server_->token(request).has_value());
}

TEST_F(AuthorizationServerTest, BindsTokensToTheCertificateThatSignedIn) {
    ASSERT_TRUE(
        clients_->change_settings(client_.client_id,
                                  {{"oauth.token_auth", "tls_client_auth"},
                                   {"oauth.certificate_sha256", hex(sha256("certificate"))}}));
    auto request = post();
    request.client.client_secret.reset();
    request.client.certificate = sha256("certificate");

    const auto answer = server_->token(request);

    ASSERT_TRUE(answer.has_value()) << answer.error().description;
    EXPECT_EQ(tokens_->verify(answer->access_token)->confirmation.certificate,
              base64url(sha256("certificate")));
}

TEST_F(AuthorizationServerTest, StartsASessionThatNoCodeCameBefore) {
    const auto grant = a_login();
    const auto session = server_->start_session(grant, 0);
    ASSERT_TRUE(session.has_value());
    ASSERT_TRUE(session->refresh_token.has_value());

    const auto next = server_->refresh_session(*session->refresh_token, GrantOrigin::login);

    ASSERT_TRUE(next.has_value()) << next.error().description;
    EXPECT_EQ(tokens_->verify(next->access_token)->client_id, client_.client_id);
    EXPECT_FALSE(server_->refresh_session(*session->refresh_token, GrantOrigin::login).has_value());
    auto forgetful = grant;
    forgetful.refresh = false;
    EXPECT_FALSE(server_->start_session(forgetful, 0)->refresh_token.has_value());
}

TEST_F(AuthorizationServerTest, RenewsATokenOnlyWhereItCameFrom) {
    const auto authorized = server_->token(code_request(a_grant()));
    const auto session = server_->start_session(a_login(), 0);
    ASSERT_TRUE(authorized.has_value() && session.has_value());

    EXPECT_FALSE(
        server_->refresh_session(*authorized->refresh_token, GrantOrigin::login).has_value());
    expect_error(refresh_request(*session->refresh_token),
                 TokenErrorCode::invalid_grant,
                 400,
                 "Invalid parameter refresh_token");

    EXPECT_FALSE(server_->refresh_session(*session->refresh_token, GrantOrigin::rssp).has_value());

    EXPECT_TRUE(server_->token(refresh_request(*authorized->refresh_token)).has_value());
    EXPECT_TRUE(server_->refresh_session(*session->refresh_token, GrantOrigin::login).has_value());
    // Used by now; there that is nobody's business.
    EXPECT_FALSE(
        server_->refresh_session(*authorized->refresh_token, GrantOrigin::login).has_value());
    EXPECT_TRUE(tokens_->verify(authorized->access_token).has_value());
}

TEST_F(AuthorizationServerTest, EndsRefreshTokensWithTheProofThatTheyWereGivenFor) {
    const auto tokens = server_->token(code_request(a_grant()));
    const auto session = server_->start_session(a_login(), 0);
    ASSERT_TRUE(tokens.has_value() && session.has_value());

    const auto secret = clients_->renew_secret(client_.client_id);
    ASSERT_TRUE(secret.has_value());
    client_.client_secret = *secret;

    expect_error(refresh_request(*tokens->refresh_token),
                 TokenErrorCode::invalid_grant,
                 400,
                 "Invalid parameter refresh_token");
    EXPECT_FALSE(server_->refresh_session(*session->refresh_token, GrantOrigin::login).has_value());
    const auto late = server_->start_session(a_login(), 0);
    ASSERT_FALSE(late.has_value()) << "its secret was right a moment ago";
    EXPECT_EQ(late.error().code, TokenErrorCode::invalid_grant);
    EXPECT_TRUE(server_->start_session(a_login(), 1).has_value());
}

TEST_F(AuthorizationServerTest, EndsEachTokenOfAPersonsLogin) {
    identity::ApplicationLogins people(*database_, clock_, logins_);
    identity::SignerRegistry signers(*database_, clock_);
    ASSERT_TRUE(signers.add("an", "An", "CN=An", "vi").has_value());
    ASSERT_TRUE(people.renew(client_.client_id, "an").has_value());
    auto grant = a_login();
    grant.signer_id = "an";
    const auto remembered = server_->start_session(grant, 0);
    grant.refresh = false;
    const auto brief = server_->start_session(grant, 0);
    const auto portal = server_->start_session(a_login(), 0);
    ASSERT_TRUE(remembered.has_value() && brief.has_value() && portal.has_value());

    ASSERT_TRUE(people.renew(client_.client_id, "an").has_value());
    ASSERT_TRUE(server_->end_sessions(client_.client_id, "an").has_value());

    EXPECT_FALSE(tokens_->verify(remembered->access_token).has_value());
    EXPECT_FALSE(tokens_->verify(brief->access_token).has_value());
    EXPECT_FALSE(
        server_->refresh_session(*remembered->refresh_token, GrantOrigin::login).has_value());
    EXPECT_FALSE(server_->start_session(grant, 0).has_value());
    EXPECT_TRUE(server_->start_session(grant, 1).has_value());
    EXPECT_TRUE(tokens_->verify(portal->access_token).has_value());
    EXPECT_TRUE(server_->refresh_session(*portal->refresh_token, GrantOrigin::login).has_value());
}

TEST_F(AuthorizationServerTest, DescribesItself) {
    const auto metadata =
        server_->metadata({"https://api.localhost:8443", "https://login.localhost:8443", ""});

    EXPECT_EQ(metadata.issuer, "https://api.localhost");
    EXPECT_EQ(metadata.token_endpoint, "https://api.localhost:8443/oauth2/token");
    EXPECT_EQ(metadata.revocation_endpoint, "https://api.localhost:8443/revoke");
    EXPECT_EQ(metadata.token_endpoint_auth_methods_supported,
              (std::vector<std::string>{
                  "client_secret_basic", "client_secret_post", "private_key_jwt", "none"}));
    EXPECT_EQ(server_->metadata({"https://a", "https://l", "https://m"}).mtls_token_endpoint,
              "https://m/oauth2/token");
    EXPECT_EQ(metadata.authorization_endpoint, "https://login.localhost:8443/oauth2/authorize");
    EXPECT_EQ(metadata.response_types_supported, std::vector<std::string>{"code"});
    EXPECT_EQ(metadata.code_challenge_methods_supported, std::vector<std::string>{"S256"});
}

}  // namespace
}  // namespace cloudsign::oauth
