#include "cloudsign/oauth/authorization_codes.h"

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::oauth {
namespace {

class AuthorizationCodesTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        open();
    }

    void open() {
        codes_.reset();
        auto revocations = Revocations::open(*database_, clock_);
        ASSERT_TRUE(revocations.has_value());
        revocations_ = *std::move(revocations);
        codes_ = std::make_unique<AuthorizationCodes>(*database_, clock_, *revocations_);
    }

    static Grant a_grant() {
        Grant grant;
        grant.client_id = "client_a";
        grant.signer_id = "signer_a";
        grant.authorization_details = R"([{"type":"credential"}])";
        grant.refresh = true;
        return grant;
    }

    static Grant a_credential_grant() {
        auto grant = a_grant();
        grant.scope = "credential";
        grant.transaction_id = "tx_1";
        grant.token_type = TokenType::sad;
        grant.refresh = false;
        grant.access_until_ms = 1'700'000'100'000;
        return grant;
    }

    std::string issue(const Grant& grant, const CodeBinding& binding = {}) {
        const auto code = codes_->issue(grant, binding);
        EXPECT_TRUE(code.has_value()) << (code ? "" : code.error().detail);
        return code ? *code : "";
    }

    void expect_refused(const Redemption& redemption, const std::string& description) {
        const auto answer = codes_->redeem(redemption);
        ASSERT_FALSE(answer.has_value()) << description;
        EXPECT_EQ(answer.error().code, TokenErrorCode::invalid_grant);
        EXPECT_EQ(answer.error().description, description);
    }

    const std::string verifier_ = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";  // RFC 7636 App. B
    const std::string challenge_ = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const std::string not_valid_ = "Authorization code is invalid or expired";
    std::unique_ptr<Revocations> revocations_;
    std::unique_ptr<AuthorizationCodes> codes_;
};

TEST_F(AuthorizationCodesTest, GivesBackWhatWasGranted) {
    const auto code = issue(a_credential_grant(), {"https://portal/cb", challenge_, "S256"});

    const auto answer = codes_->redeem({code, "client_a", "https://portal/cb", verifier_});

    ASSERT_TRUE(answer.has_value()) << answer.error().description;
    EXPECT_EQ(answer->grant.client_id, "client_a");
    EXPECT_EQ(answer->grant.signer_id, "signer_a");
    EXPECT_EQ(answer->grant.scope, "credential");
    EXPECT_EQ(answer->grant.transaction_id, "tx_1");
    EXPECT_EQ(answer->grant.token_type, TokenType::sad);
    EXPECT_EQ(answer->grant.authorization_details, R"([{"type":"credential"}])");
    EXPECT_FALSE(answer->grant.refresh);
    EXPECT_EQ(answer->grant.access_until_ms, 1'700'000'100'000);
    EXPECT_FALSE(revocations_->contains("at_1", answer->grant_id));
}

TEST_F(AuthorizationCodesTest, EndsTheGrantOfACodeThatComesAgain) {
    const auto code = issue(a_grant());
    const auto first = codes_->redeem({code, "client_a"});
    ASSERT_TRUE(first.has_value());

    expect_refused({code, "client_a"}, not_valid_);

    EXPECT_TRUE(revocations_->contains("at_1", first->grant_id));
    EXPECT_FALSE(revocations_->contains("at_1", "grant_other"));
    open();
    EXPECT_TRUE(revocations_->contains("at_1", first->grant_id));
}

TEST_F(AuthorizationCodesTest, RefusesWhatTheCodeIsNotTiedTo) {
    const std::string there = "https://portal/cb";
    const std::string elsewhere =
        "redirect_uri parameter does not match redirect_uri parameter of authorization request";
    const std::string wrong_verifier = "Invalid parameter code_verifier";
    const auto code = issue(a_grant(), {there, challenge_, "S256"});

    expect_refused({code, "client_b", there, verifier_}, not_valid_);
    expect_refused({code, "client_a", there + "/", verifier_}, elsewhere);
    expect_refused({code, "client_a", std::nullopt, verifier_}, elsewhere);
    expect_refused({code, "client_a", there, challenge_}, wrong_verifier);
    expect_refused({code, "client_a", there, std::nullopt}, wrong_verifier);
    expect_refused({code, "client_a", there, verifier_.substr(1)}, wrong_verifier);
    expect_refused({code.substr(1), "client_a", there, verifier_}, "Invalid parameter code");
    expect_refused({base64url(sha256(hsm::view_of(code))), "client_a", there, verifier_},
                   not_valid_);
    // None of these has used it up.
    EXPECT_TRUE(codes_->redeem({code, "client_a", there, verifier_}).has_value());
}

TEST_F(AuthorizationCodesTest, RefusesAVerifierThatNothingAskedFor) {
    const auto code = issue(a_grant());

    expect_refused({code, "client_a", std::nullopt, verifier_}, "Invalid parameter code_verifier");
}

TEST_F(AuthorizationCodesTest, TiesACodeToAKey) {
    const auto code = issue(a_grant(), {{}, {}, {}, challenge_});

    expect_refused({code, "client_a"}, "The code is bound to another DPoP key");
    expect_refused({code, "client_a", {}, {}, base64url(sha256(hsm::view_of("x")))},
                   "The code is bound to another DPoP key");
    EXPECT_TRUE(codes_->redeem({code, "client_a", {}, {}, challenge_}).has_value());
}

TEST_F(AuthorizationCodesTest, ExpiresAndIsForgotten) {
    const auto code = issue(a_credential_grant());
    clock_.advance(AuthorizationCodes::code_lifetime_ms);

    expect_refused({code, "client_a"}, not_valid_);

    clock_.advance(access_lifetime_max_ms);
    ASSERT_TRUE(revocations_->sweep());
    expect_refused({code, "client_a"}, not_valid_);
}

TEST_F(AuthorizationCodesTest, RefusesToIssueWhatMakesNoSense) {
    const auto refused = [&](const Grant& grant, const CodeBinding& binding) {
        const auto code = codes_->issue(grant, binding);
        return code ? std::string("issued") : code.error().detail;
    };
    auto no_transaction = a_credential_grant();
    no_transaction.transaction_id.reset();
    auto with_refresh = a_credential_grant();
    with_refresh.refresh = true;
    auto other_scope = a_grant();
    other_scope.scope = "openid";

    EXPECT_EQ(refused(no_transaction, {}), "such a thing cannot be granted");
    EXPECT_EQ(refused(with_refresh, {}), "such a thing cannot be granted");
    EXPECT_EQ(refused(other_scope, {}), "such a thing cannot be granted");
    EXPECT_EQ(refused(a_grant(), {{}, challenge_}), "Invalid parameter code_challenge_method");
    EXPECT_EQ(refused(a_grant(), {{}, challenge_, "plain"}),
              "Invalid parameter code_challenge_method");
    EXPECT_EQ(refused(a_grant(), {{}, {}, "S256"}), "Invalid parameter code_challenge_method");
    EXPECT_EQ(refused(a_grant(), {{}, "short", "S256"}), "Invalid parameter code_challenge");
    EXPECT_EQ(refused(a_grant(), {{}, {}, {}, "short"}), "Invalid parameter dpop_jkt");
}

TEST_F(AuthorizationCodesTest, ForgetsRevocationsWhenTheirTokensHaveExpired) {
    ASSERT_TRUE(revocations_->revoke_token("at_1", clock_.now_ms() + 1000));
    ASSERT_TRUE(revocations_->sweep());
    EXPECT_TRUE(revocations_->contains("at_1", ""));

    clock_.advance(1000);
    ASSERT_TRUE(revocations_->sweep());

    EXPECT_FALSE(revocations_->contains("at_1", ""));
}

}  // namespace
}  // namespace cloudsign::oauth
