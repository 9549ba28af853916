#include "cloudsign/login/login_service.h"

#include "cloudsign/oauth/authorization_requests.h"
#include "tests/support/cloud_fixture.h"
#include "tests/unit/cloudsign/login/made_passkey.h"

namespace cloudsign::login {
namespace {

using tests::support::AssertionForm;
using tests::support::Cloud;
using tests::support::kind_of;

class LoginServiceTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.add_signer("an");
        invitation_ = invite();
    }

    std::string invite() {
        const auto invited = logins_.invite("an");
        CHECK(invited.has_value());
        return invited->invitation;
    }

    Result<void> enter(const std::string& invitation, const MadePasskey& made) {
        TRY_ASSIGN(auto offer, logins_.begin_registration(invitation));
        return logins_.register_passkey(invitation,
                                        made.authenticator_data(),
                                        MadePasskey::client_data(offer.challenge),
                                        "Máy ở nhà");
    }

    store::Authorization open() {
        const auto id = requests_.open("client_a", {}, std::nullopt);
        CHECK(id.has_value());
        const auto found = requests_.find(*id);
        CHECK(found.has_value());
        return *found;
    }

    SentLogin answer(const MadePasskey& made,
                     const hsm::Digest& challenge,
                     AssertionForm form = {}) {
        form.challenge = challenge;
        form.rp_id = form.rp_id.empty() ? site.rp_id : form.rp_id;
        form.origin = form.origin.empty() ? site.origin : form.origin;
        SentLogin sent;
        sent.credential_id = made.credential_id;
        sent.authenticator_data = tests::support::authenticator_data(form);
        sent.client_data_json = bytes_of(hsm::view_of(tests::support::client_data_json(form)));
        const auto client_hash = tests::support::sha256_of(sent.client_data_json);
        const hsm::ByteView parts[] = {sent.authenticator_data, client_hash};
        sent.signature = made.passkey.sign(tests::support::sha256(parts));
        return sent;
    }

    Cloud cloud_;
    LoginService logins_{*cloud_.database, cloud_.clock, site};
    oauth::AuthorizationRequests requests_{*cloud_.database, cloud_.clock};
    std::string invitation_;
    MadePasskey made_;
};

TEST_F(LoginServiceTest, SignsInWithAPasskeyThatAnInvitationMade) {
    ASSERT_TRUE(enter(invitation_, made_).has_value());
    const auto authorization = open();

    const auto secret = logins_.sign_in(authorization, answer(made_, *authorization.challenge));

    ASSERT_TRUE(secret.has_value()) << secret.error().detail;
    const auto session = logins_.session(*secret);
    ASSERT_TRUE(session.has_value());
    EXPECT_EQ(session->owner_id, "an");
    EXPECT_EQ(session->signed_in_at, cloud_.clock.now_ms());
}

TEST_F(LoginServiceTest, TakesAnAnswerOnce) {
    ASSERT_TRUE(enter(invitation_, made_).has_value());
    const auto authorization = open();
    const auto sent = answer(made_, *authorization.challenge);

    EXPECT_TRUE(logins_.sign_in(authorization, sent).has_value());
    EXPECT_EQ(kind_of(logins_.sign_in(authorization, sent)), ErrorKind::assertion_refused);
}

TEST_F(LoginServiceTest, UsesAnInvitationOnce) {
    ASSERT_TRUE(enter(invitation_, made_).has_value());

    MadePasskey another;
    another.credential_id[0] = 8;
    EXPECT_EQ(kind_of(enter(invitation_, another)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(enter("x", another)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(enter(invite(), made_)), ErrorKind::conflict);
    EXPECT_TRUE(enter(invite(), another).has_value());
    EXPECT_EQ(kind_of(logins_.invite("nobody")), ErrorKind::not_found);
}

TEST_F(LoginServiceTest, ForgetsAnInvitationInTime) {
    cloud_.clock.advance(LoginService::invitation_lifetime_ms);

    EXPECT_EQ(kind_of(enter(invitation_, made_)), ErrorKind::not_found);
}

TEST_F(LoginServiceTest, NeedsTheChallengeOfItsOwnRegistration) {
    const auto first = logins_.begin_registration(invitation_);
    const auto second = logins_.begin_registration(invitation_);
    ASSERT_TRUE(first.has_value() && second.has_value());

    EXPECT_EQ(kind_of(logins_.register_passkey(invitation_,
                                               made_.authenticator_data(),
                                               MadePasskey::client_data(first->challenge),
                                               "x")),
              ErrorKind::assertion_refused);
    EXPECT_TRUE(logins_
                    .register_passkey(invitation_,
                                      made_.authenticator_data(),
                                      MadePasskey::client_data(second->challenge),
                                      "x")
                    .has_value());
}

TEST_F(LoginServiceTest, RefusesTheKeyOfAnApprovalPasskey) {
    cloud_.make_authority();
    const auto person = cloud_.enrol("binh");
    const auto invited = logins_.invite("binh");
    ASSERT_TRUE(invited.has_value());
    made_.passkey = person.passkey;

    EXPECT_EQ(kind_of(enter(invited->invitation, made_)), ErrorKind::conflict);
}

TEST_F(LoginServiceTest, RefusesWhatIsNotAnAnswerToThisChallengeHere) {
    ASSERT_TRUE(enter(invitation_, made_).has_value());
    const auto authorization = open();
    const auto other = open();
    AssertionForm elsewhere;
    elsewhere.origin = "https://approve.localhost:8443";
    AssertionForm other_site;
    other_site.rp_id = "approve.localhost";
    AssertionForm unverified;
    unverified.flags = tests::support::user_present;
    AssertionForm created;
    created.type = "webauthn.create";
    MadePasskey stranger;

    for (const auto& form : {elsewhere, other_site, unverified, created}) {
        EXPECT_EQ(
            kind_of(logins_.sign_in(authorization, answer(made_, *authorization.challenge, form))),
            ErrorKind::assertion_refused);
    }
    EXPECT_EQ(kind_of(logins_.sign_in(authorization, answer(made_, *other.challenge))),
              ErrorKind::assertion_refused);
    EXPECT_EQ(kind_of(logins_.sign_in(authorization, answer(stranger, *authorization.challenge))),
              ErrorKind::assertion_refused);
    stranger.credential_id[0] = 9;
    EXPECT_EQ(kind_of(logins_.sign_in(authorization, answer(stranger, *authorization.challenge))),
              ErrorKind::assertion_refused);
    EXPECT_TRUE(logins_.sign_in(authorization, answer(made_, *authorization.challenge)));
}

TEST_F(LoginServiceTest, RefusesACopiedPasskeyWhoseCountDoesNotGrow) {
    ASSERT_TRUE(enter(invitation_, made_).has_value());
    AssertionForm form;
    form.sign_count = 5;
    const auto first = open();
    ASSERT_TRUE(logins_.sign_in(first, answer(made_, *first.challenge, form)).has_value());

    const auto again = open();
    EXPECT_EQ(kind_of(logins_.sign_in(again, answer(made_, *again.challenge, form))),
              ErrorKind::assertion_refused);
    form.sign_count = 6;
    EXPECT_TRUE(logins_.sign_in(again, answer(made_, *again.challenge, form)).has_value());
}

TEST_F(LoginServiceTest, EndsASession) {
    ASSERT_TRUE(enter(invitation_, made_).has_value());
    const auto authorization = open();
    const auto secret = logins_.sign_in(authorization, answer(made_, *authorization.challenge));
    ASSERT_TRUE(secret.has_value());

    EXPECT_EQ(kind_of(logins_.session("x")), ErrorKind::unauthenticated);
    cloud_.clock.advance(LoginService::session_lifetime_ms - 1);
    EXPECT_TRUE(logins_.session(*secret).has_value());
    cloud_.clock.advance(1);
    EXPECT_EQ(kind_of(logins_.session(*secret)), ErrorKind::unauthenticated);
}

TEST_F(LoginServiceTest, SignsOut) {
    ASSERT_TRUE(enter(invitation_, made_).has_value());
    const auto authorization = open();
    const auto secret = logins_.sign_in(authorization, answer(made_, *authorization.challenge));
    ASSERT_TRUE(secret.has_value());

    EXPECT_TRUE(logins_.sign_out(*secret).has_value());

    EXPECT_EQ(kind_of(logins_.session(*secret)), ErrorKind::unauthenticated);
}

TEST_F(LoginServiceTest, HasNoSessionOfAFrozenSigner) {
    ASSERT_TRUE(enter(invitation_, made_).has_value());
    const auto authorization = open();
    const auto secret = logins_.sign_in(authorization, answer(made_, *authorization.challenge));
    ASSERT_TRUE(secret.has_value());

    ASSERT_TRUE(cloud_->signers.set_status("an", store::SignerStatus::frozen).has_value());

    EXPECT_EQ(kind_of(logins_.session(*secret)), ErrorKind::unauthenticated);
    EXPECT_TRUE(logins_.session(*secret, LoginService::Standing::any).has_value());
    const auto again = open();
    EXPECT_EQ(kind_of(logins_.sign_in(again, answer(made_, *again.challenge))),
              ErrorKind::assertion_refused);
}

}  // namespace
}  // namespace cloudsign::login
