#include "cloudsign/identity/office_users.h"
#include "cloudsign/login/challenges.h"
#include "cloudsign/login/login_service.h"
#include "tests/support/cloud_fixture.h"
#include "tests/unit/cloudsign/login/made_passkey.h"

namespace cloudsign::login {
namespace {

using store::LoginSite;
using store::OfficeRole;
using store::OfficeStatus;
using tests::support::AssertionForm;
using tests::support::Cloud;
using tests::support::kind_of;

class OfficeSignIn : public testing::Test {
protected:
    void SetUp() override {
        CHECK(users_.add("hoa", "Trần Thị Hoa", OfficeRole::registrar).has_value());
        const auto invited = logins_.invite("hoa");
        CHECK(invited.has_value());
        CHECK(enter(logins_, invited->invitation, made_).has_value());
    }

    static Result<void> enter(LoginService& logins,
                              const std::string& invitation,
                              const MadePasskey& made) {
        TRY_ASSIGN(auto offer, logins.begin_registration(invitation));
        return logins.register_passkey(invitation,
                                       made.authenticator_data(),
                                       MadePasskey::client_data(offer.challenge),
                                       "Máy văn phòng");
    }

    SentLogin answer(const hsm::Digest& challenge) const {
        AssertionForm form;
        form.challenge = challenge;
        form.rp_id = site.rp_id;
        form.origin = site.origin;
        SentLogin sent;
        sent.credential_id = made_.credential_id;
        sent.authenticator_data = tests::support::authenticator_data(form);
        sent.client_data_json = bytes_of(hsm::view_of(tests::support::client_data_json(form)));
        const auto client_hash = tests::support::sha256_of(sent.client_data_json);
        const hsm::ByteView parts[] = {sent.authenticator_data, client_hash};
        sent.signature = made_.passkey.sign(tests::support::sha256(parts));
        return sent;
    }

    Result<std::string> sign_in_at(LoginService& logins, const hsm::Digest& challenge) {
        return logins.sign_in(challenge, answer(challenge), [&](store::Session&) -> Result<bool> {
            return challenges_.take(challenge);
        });
    }
    Result<std::string> sign_in() { return sign_in_at(logins_, challenges_.make()); }

    Cloud cloud_;
    identity::OfficeUsers users_{*cloud_.database, cloud_.clock};
    // Of one rpId and origin, so that what keeps them apart is the site alone.
    LoginService logins_{*cloud_.database, cloud_.clock, site, LoginSite::office};
    LoginService others_{*cloud_.database, cloud_.clock, site};
    Challenges challenges_{cloud_.clock};
    MadePasskey made_;
};

TEST_F(OfficeSignIn, OpensASessionOfThePasskeysOwner) {
    const auto secret = sign_in();

    ASSERT_TRUE(secret.has_value()) << secret.error().detail;
    const auto session = logins_.session(*secret);
    ASSERT_TRUE(session.has_value());
    EXPECT_EQ(session->owner_id, "hoa");
}

TEST_F(OfficeSignIn, IsNothingAtTheLoginHost) {
    cloud_.add_signer("hoa");
    const auto secret = sign_in();
    ASSERT_TRUE(secret.has_value());

    EXPECT_EQ(kind_of(others_.session(*secret)), ErrorKind::unauthenticated);
    EXPECT_EQ(kind_of(sign_in_at(others_, challenges_.make())), ErrorKind::assertion_refused);
    const auto invited = logins_.invite("hoa");
    ASSERT_TRUE(invited.has_value());
    EXPECT_EQ(kind_of(others_.begin_registration(invited->invitation)), ErrorKind::not_found);
    const auto signer_invited = others_.invite("hoa");
    ASSERT_TRUE(signer_invited.has_value());
    EXPECT_EQ(kind_of(logins_.begin_registration(signer_invited->invitation)),
              ErrorKind::not_found);
}

TEST_F(OfficeSignIn, TakesAChallengeOnceAndOnlyItsOwn) {
    const auto challenge = challenges_.make();
    ASSERT_TRUE(sign_in_at(logins_, challenge).has_value());
    EXPECT_EQ(kind_of(sign_in_at(logins_, challenge)), ErrorKind::assertion_refused);

    const auto late = challenges_.make();
    cloud_.clock.advance(Challenges::lifetime_ms);
    EXPECT_FALSE(challenges_.holds(late));
    const Challenges elsewhere(cloud_.clock);
    EXPECT_FALSE(challenges_.holds(elsewhere.make()));
    auto bent = challenges_.make();
    EXPECT_TRUE(challenges_.holds(bent));
    bent[0] ^= 1;
    EXPECT_FALSE(challenges_.holds(bent));
    EXPECT_EQ(kind_of(sign_in_at(logins_, bent)), ErrorKind::assertion_refused);
}

TEST_F(OfficeSignIn, EndsASessionThatNobodyUses) {
    const auto secret = sign_in();
    ASSERT_TRUE(secret.has_value());

    cloud_.clock.advance(LoginService::office_idle_ms - 1);
    EXPECT_TRUE(logins_.session(*secret).has_value());  // used, so it lasts
    cloud_.clock.advance(LoginService::office_idle_ms - 1);
    EXPECT_TRUE(logins_.session(*secret).has_value());
    cloud_.clock.advance(LoginService::office_idle_ms);
    EXPECT_EQ(kind_of(logins_.session(*secret)), ErrorKind::unauthenticated);
}

TEST_F(OfficeSignIn, EndsASessionAfterADayHoweverMuchItIsUsed) {
    const auto secret = sign_in();
    ASSERT_TRUE(secret.has_value());
    constexpr auto step = LoginService::office_idle_ms / 2;

    for (std::int64_t at = step; at < LoginService::office_lifetime_ms; at += step) {
        cloud_.clock.advance(step);
        ASSERT_TRUE(logins_.session(*secret).has_value()) << at;
    }
    cloud_.clock.advance(step);
    EXPECT_EQ(kind_of(logins_.session(*secret)), ErrorKind::unauthenticated);
}

TEST_F(OfficeSignIn, ForgetsWhoeverIsDisabled) {
    const auto secret = sign_in();
    ASSERT_TRUE(secret.has_value());

    ASSERT_TRUE(users_.change("hoa", std::nullopt, OfficeStatus::disabled).has_value());
    EXPECT_EQ(kind_of(logins_.session(*secret)), ErrorKind::unauthenticated);

    ASSERT_TRUE(users_.change("hoa", std::nullopt, OfficeStatus::active).has_value());
    EXPECT_EQ(kind_of(logins_.session(*secret)), ErrorKind::unauthenticated);
    EXPECT_EQ(kind_of(sign_in()), ErrorKind::assertion_refused);
}

TEST_F(OfficeSignIn, EndsTheKeysThatWereLost) {
    const auto secret = sign_in();
    ASSERT_TRUE(secret.has_value());

    const auto invited = logins_.invite("hoa", LoginService::Keys::ended);
    ASSERT_TRUE(invited.has_value());
    EXPECT_EQ(kind_of(logins_.session(*secret)), ErrorKind::unauthenticated);
    EXPECT_EQ(kind_of(sign_in()), ErrorKind::assertion_refused);
    EXPECT_TRUE(enter(logins_, invited->invitation, made_).has_value());
    EXPECT_TRUE(sign_in().has_value());
}

TEST_F(OfficeSignIn, RefusesTheKeyOfAnOfficersPhone) {
    const auto invited = logins_.invite("hoa");
    ASSERT_TRUE(invited.has_value());
    MadePasskey of_officer;
    of_officer.credential_id[0] = 9;
    of_officer.passkey = cloud_.officer_passkey();

    EXPECT_EQ(kind_of(enter(logins_, invited->invitation, of_officer)), ErrorKind::conflict);
}

TEST_F(OfficeSignIn, KnowsNobodyTwice) {
    EXPECT_EQ(kind_of(users_.add("hoa", "Ai khác", OfficeRole::auditor)), ErrorKind::conflict);
    for (const auto* id : {"", "Hoa", "a b", "../x"}) {
        EXPECT_EQ(kind_of(users_.add(id, "x", OfficeRole::auditor)), ErrorKind::invalid) << id;
    }
    EXPECT_EQ(kind_of(users_.add("b", "a\nb", OfficeRole::auditor)), ErrorKind::invalid);
    EXPECT_EQ(kind_of(users_.change("x", OfficeRole::auditor, std::nullopt)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(logins_.invite("x")), ErrorKind::not_found);
}

}  // namespace
}  // namespace cloudsign::login
