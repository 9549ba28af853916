#include "cloudsign/oauth/authorization_server.h"

#include "cloudsign/base64.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::oauth {
namespace {

class AuthorizationServerTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        clients_ = std::make_unique<identity::ClientRegistry>(*database_, clock_);
        auto key = TokenKey::open(folder_.file("token-key.pem"));
        ASSERT_TRUE(key.has_value());
        auto tokens = TokenService::create(
            *std::move(key), {"https://api.localhost", "kyso-csc", 1800}, clock_);
        ASSERT_TRUE(tokens.has_value());
        tokens_ = *std::move(tokens);
        server_ = std::make_unique<AuthorizationServer>(*clients_, *tokens_);
        auto client = clients_->add_for_all("Cổng");
        ASSERT_TRUE(client.has_value());
        client_ = *std::move(client);
    }

    TokenRequest post() {
        TokenRequest request;
        request.grant_type = "client_credentials";
        request.client_id = client_.client_id;
        request.client_secret = client_.client_secret;
        return request;
    }

    TokenRequest basic(const std::string& user_and_password) {
        TokenRequest request;
        request.grant_type = "client_credentials";
        request.authorization = "Basic " + base64(hsm::view_of(user_and_password));
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

    std::unique_ptr<identity::ClientRegistry> clients_;
    std::unique_ptr<TokenService> tokens_;
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
    repeated.client_id = client_.client_id;
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
    request.client_id.reset();
    expect_error(request, invalid_request, 400, "Missing parameter client_id");
    request = post();
    request.client_secret.reset();
    expect_error(request, invalid_client, 401, "Client authorization required");
    request = post();
    request.client_secret = "wrong";
    expect_error(request, invalid_client, 401, "Invalid parameter client_secret");
    request = post();
    request.client_id = "client_unknown";
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
        request.authorization = header;
        expect_error(request, invalid_client, 401, "Invalid authorization header");
    }
    auto both = basic(pair);
    both.client_secret = client_.client_secret;
    expect_error(both, invalid_request, 400, "Invalid parameter client_secret");
    auto other = basic(pair);
    other.client_id = "someone else";
    expect_error(other, invalid_request, 400, "Invalid parameter client_id");
    auto lower = basic(pair);
    lower.authorization = "basic" + lower.authorization->substr(5);
    EXPECT_TRUE(server_->token(lower).has_value());
}

TEST_F(AuthorizationServerTest, DescribesItself) {
    const auto metadata = server_->metadata("https://api.localhost:8443");

    EXPECT_EQ(metadata.issuer, "https://api.localhost");
    EXPECT_EQ(metadata.token_endpoint, "https://api.localhost:8443/oauth2/token");
    EXPECT_EQ(metadata.grant_types_supported, std::vector<std::string>{"client_credentials"});
    EXPECT_TRUE(metadata.response_types_supported.empty());
}

}  // namespace
}  // namespace cloudsign::oauth
