#include "cloudsign/credential/officer_phones.h"

#include <functional>

#include "cloudsign/sha256.h"
#include "hsm/protocol/officer_link.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::credential {
namespace {

using tests::support::AssertionForm;
using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::Passkey;

class OfficerPhonesTest : public ::testing::Test {
protected:
    // What a test adds is younger than what the fixture has.
    OfficerPhonesTest() { cloud_.clock.advance(1); }

    static hsm::protocol::ActivationKey key_of(const Passkey& passkey) {
        return {passkey.point(), passkey.is_backup_eligible()};
    }

    hsm::protocol::ActivationKey known_key() const { return key_of(cloud_.officer_passkey()); }

    // What `passkey` makes of the link, under the group's own rpId and origin.
    approval::SentAssertion signed_by(const Passkey& passkey,
                                      const std::string& link,
                                      const std::function<void(AssertionForm&)>& change = {}) {
        const auto group = cloud_->approvals.group();
        CHECK(group.has_value());
        AssertionForm form;
        form.challenge = hsm::protocol::officer_link_challenge(link, sha256);
        form.rp_id = group->rp_id;
        form.origin = group->origin;
        if (change) {
            change(form);
        }
        const auto client_data = tests::support::client_data_json(form);
        const auto data = tests::support::authenticator_data(form);
        const auto client_data_hash = sha256(hsm::view_of(client_data));
        const hsm::ByteView parts[] = {data, client_data_hash};
        return {passkey.thumbprint(),
                data,
                bytes_of(hsm::view_of(client_data)),
                passkey.sign(sha256(parts))};
    }

    Result<identity::NewDevice> connect(const OfficerLink& link) {
        return phones_.connect(link.secret, signed_by(cloud_.officer_passkey(), link.secret));
    }

    Cloud cloud_;
    identity::DeviceSessions sessions_{*cloud_.database, cloud_.clock};
    OfficerPhones phones_{*cloud_.database, cloud_->approvals, cloud_.clock};
};

TEST_F(OfficerPhonesTest, TakesOnlyNamesThatPeopleCanRead) {
    for (const auto& name : {std::string("a\nb"),
                             std::string("\x1b[2J"),
                             std::string(256, 'a'),
                             std::string("  "),
                             std::string("B\u200bình"),
                             std::string("\xff")}) {
        EXPECT_EQ(kind_of(phones_.invite(name, known_key())), ErrorKind::invalid) << name;
    }
    EXPECT_EQ(phones_.all()->phones.size(), 1u);
    EXPECT_TRUE(phones_.invite(std::string(255, 'a'), known_key()).has_value());
}

TEST_F(OfficerPhonesTest, RefusesAPasskeyThatThePlanDescribesOtherwise) {
    auto key = known_key();
    key.backup_eligible = !key.backup_eligible;

    const auto added = phones_.invite("Bình", key);

    ASSERT_EQ(kind_of(added), ErrorKind::forbidden);
    EXPECT_NE(added.error().detail.find("backup_eligible"), std::string::npos);
    EXPECT_EQ(kind_of(phones_.invite("Bình", key_of(Passkey()))), ErrorKind::forbidden);
}

TEST_F(OfficerPhonesTest, ListsPhonesWithTheirPlaceInThePlan) {
    ASSERT_TRUE(phones_.invite("Bình", known_key()).has_value());

    const auto list = phones_.all();

    ASSERT_EQ(list->phones.size(), 2u);
    EXPECT_TRUE(list->is_plan_known);
    EXPECT_EQ(list->phones[1].device.name, "Bình");
    EXPECT_EQ(list->phones[1].person, cloud_->approvals.group()->officer_persons[0]);
    EXPECT_TRUE(list->without_phone.empty());
}

TEST_F(OfficerPhonesTest, EndsThePhoneThatIsRemovedAndNotTheOfficer) {
    const auto link = phones_.invite("Bình", known_key());
    const auto phone = connect(*link);
    ASSERT_TRUE(sessions_.authenticate(phone->session).has_value());

    const auto removed = phones_.remove(link->device.id);

    ASSERT_TRUE(removed.has_value());
    EXPECT_EQ(removed->person, cloud_->approvals.group()->officer_persons[0]);
    EXPECT_EQ(kind_of(sessions_.authenticate(phone->session)), ErrorKind::unauthenticated);
    EXPECT_EQ(kind_of(phones_.remove(link->device.id)), ErrorKind::not_found);
    const auto list = phones_.all();
    EXPECT_TRUE(list->phones.empty());
    ASSERT_EQ(list->without_phone.size(), 1u);
    EXPECT_EQ(list->without_phone[0].key.point, known_key().point);
}

TEST_F(OfficerPhonesTest, ALinkIsNoSessionAndConnectsOnce) {
    const auto link = phones_.invite("Bình", known_key());
    EXPECT_EQ(kind_of(sessions_.authenticate(link->secret)), ErrorKind::unauthenticated);
    EXPECT_EQ(phones_.all()->phones[1].state, OfficerPhoneState::invited);

    const auto phone = connect(*link);

    ASSERT_TRUE(phone.has_value());
    EXPECT_NE(phone->session, link->secret);
    EXPECT_EQ(sessions_.authenticate(phone->session)->get()->id, link->device.id);
    EXPECT_EQ(kind_of(sessions_.authenticate(link->secret)), ErrorKind::unauthenticated);
    EXPECT_EQ(kind_of(connect(*link)), ErrorKind::not_found);
    const auto list = phones_.all();
    ASSERT_EQ(list->phones.size(), 1u);
    EXPECT_EQ(list->phones[0].state, OfficerPhoneState::connected);
}

TEST_F(OfficerPhonesTest, APasskeyInOnePlaceHasOneSession) {
    ASSERT_FALSE(known_key().backup_eligible);
    const auto first = connect(*phones_.invite("Bình", known_key()));
    ASSERT_TRUE(first.has_value());
    const auto link = phones_.invite("Bình", known_key());
    EXPECT_TRUE(sessions_.authenticate(first->session).has_value());

    const auto second = connect(*link);

    EXPECT_TRUE(sessions_.authenticate(second->session).has_value());
    EXPECT_EQ(kind_of(sessions_.authenticate(first->session)), ErrorKind::unauthenticated);
    EXPECT_EQ(phones_.all()->phones.size(), 1u);
}

TEST_F(OfficerPhonesTest, ALinkEndsAfterItsDayAndByANewOne) {
    const auto first = phones_.invite("Bình", known_key());
    const auto second = phones_.invite("Bình", known_key());
    EXPECT_EQ(kind_of(connect(*first)), ErrorKind::not_found);

    cloud_.clock.advance(OfficerPhones::link_ms + 1);

    EXPECT_EQ(kind_of(connect(*second)), ErrorKind::expired);
    EXPECT_EQ(phones_.all()->phones[1].state, OfficerPhoneState::over);
}

TEST_F(OfficerPhonesTest, ALinkIsForItsOwnPasskeyAsThePlanHasIt) {
    const auto link = phones_.invite("Bình", known_key());
    const auto synced = [](AssertionForm& form) {
        form.flags = static_cast<hsm::Byte>(form.flags | tests::support::backup_eligible);
    };

    EXPECT_EQ(kind_of(phones_.connect(link->secret, signed_by(Passkey(), link->secret))),
              ErrorKind::conflict);
    EXPECT_EQ(kind_of(phones_.connect(link->secret,
                                      signed_by(cloud_.officer_passkey(), link->secret, synced))),
              ErrorKind::forbidden);
    EXPECT_TRUE(connect(*link).has_value());  // no refusal has used it up
}

// The passkey's point is in the plan of the group, and no secret.
TEST_F(OfficerPhonesTest, WhoHasOnlyTheLinkConnectsNothing) {
    const auto earlier = phones_.invite("Bình", known_key());
    const auto link = phones_.invite("Bình", known_key());
    const auto& own = cloud_.officer_passkey();
    const auto of_thief = [&](approval::SentAssertion sent) {
        sent.thumbprint = own.thumbprint();
        return sent;
    };
    const auto with = [&](const std::function<void(AssertionForm&)>& change) {
        return signed_by(own, link->secret, change);
    };
    const approval::SentAssertion tried[] = {
        {own.thumbprint(), {}, {}, {}},
        of_thief(signed_by(Passkey(), link->secret)),
        signed_by(own, link->secret + "x"),
        signed_by(own, earlier->secret),
        with([](AssertionForm& form) { form.origin = "https://evil.example"; }),
        with([](AssertionForm& form) { form.rp_id = "evil.example"; }),
        with([](AssertionForm& form) { form.type = "webauthn.create"; }),
        with([](AssertionForm& form) { form.flags = tests::support::user_present; }),
        with([](AssertionForm& form) { form.challenge = sha256("an activation"); }),
    };
    for (const auto& sent : tried) {
        EXPECT_EQ(kind_of(phones_.connect(link->secret, sent)), ErrorKind::assertion_refused);
    }
    EXPECT_TRUE(connect(*link).has_value());
}

TEST_F(OfficerPhonesTest, TheSessionEndsOnceItIsNotUsedForLong) {
    const auto phone = connect(*phones_.invite("Bình", known_key()));
    cloud_.clock.advance(identity::DeviceSessions::officer_idle_ms);
    ASSERT_TRUE(sessions_.authenticate(phone->session).has_value());  // and is used by that
    cloud_.clock.advance(identity::DeviceSessions::officer_idle_ms);
    ASSERT_TRUE(sessions_.authenticate(phone->session).has_value());

    cloud_.clock.advance(identity::DeviceSessions::officer_idle_ms + 1);

    EXPECT_EQ(kind_of(sessions_.authenticate(phone->session)), ErrorKind::unauthenticated);
    EXPECT_EQ(phones_.all()->phones[0].state, OfficerPhoneState::over);
}

TEST_F(OfficerPhonesTest, RemovesNoSignersPhone) {
    cloud_.make_authority();
    const auto person = cloud_.enrol("an");

    EXPECT_EQ(kind_of(phones_.remove(person.device.id)), ErrorKind::not_found);
}

}  // namespace
}  // namespace cloudsign::credential
