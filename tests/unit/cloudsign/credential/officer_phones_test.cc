#include "cloudsign/credential/officer_phones.h"

#include "tests/support/cloud_fixture.h"

namespace cloudsign::credential {
namespace {

using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::Passkey;

class OfficerPhonesTest : public ::testing::Test {
protected:
    static hsm::protocol::ActivationKey key_of(const Passkey& passkey) {
        return {passkey.point(), passkey.is_backup_eligible()};
    }

    hsm::protocol::ActivationKey known_key() const { return key_of(cloud_.officer_passkey()); }

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
        EXPECT_EQ(kind_of(phones_.add(name, known_key())), ErrorKind::invalid) << name;
    }
    EXPECT_EQ(phones_.all()->phones.size(), 1u);
    EXPECT_TRUE(phones_.add(std::string(255, 'a'), known_key()).has_value());
}

TEST_F(OfficerPhonesTest, RefusesAPasskeyThatThePlanDescribesOtherwise) {
    auto key = known_key();
    key.backup_eligible = !key.backup_eligible;

    const auto added = phones_.add("Bình", key);

    ASSERT_EQ(kind_of(added), ErrorKind::conflict);
    EXPECT_NE(added.error().detail.find("backup_eligible"), std::string::npos);
    EXPECT_EQ(kind_of(phones_.add("Bình", key_of(Passkey()))), ErrorKind::forbidden);
}

TEST_F(OfficerPhonesTest, ListsPhonesWithTheirPlaceInThePlan) {
    ASSERT_TRUE(phones_.add("Bình", known_key()).has_value());

    const auto list = phones_.all();

    ASSERT_EQ(list->phones.size(), 2u);
    EXPECT_TRUE(list->is_plan_known);
    EXPECT_EQ(list->phones[1].device.name, "Bình");
    EXPECT_EQ(list->phones[1].person, cloud_->approvals.group()->officer_persons[0]);
    EXPECT_TRUE(list->without_phone.empty());
}

TEST_F(OfficerPhonesTest, EndsThePhoneThatIsRemovedAndNotTheOfficer) {
    const auto added = phones_.add("Bình", known_key());
    ASSERT_TRUE(sessions_.authenticate(added->session).has_value());

    const auto removed = phones_.remove(added->row.id);

    ASSERT_TRUE(removed.has_value());
    EXPECT_EQ(removed->person, cloud_->approvals.group()->officer_persons[0]);
    EXPECT_EQ(kind_of(sessions_.authenticate(added->session)), ErrorKind::unauthenticated);
    EXPECT_EQ(kind_of(phones_.remove(added->row.id)), ErrorKind::not_found);
    ASSERT_TRUE(phones_.remove(cloud_.officer().id).has_value());
    const auto list = phones_.all();
    EXPECT_TRUE(list->phones.empty());
    ASSERT_EQ(list->without_phone.size(), 1u);
    EXPECT_EQ(list->without_phone[0].key.point, known_key().point);
}

TEST_F(OfficerPhonesTest, RemovesNoSignersPhone) {
    cloud_.make_authority();
    const auto person = cloud_.enrol("an");

    EXPECT_EQ(kind_of(phones_.remove(person.device.id)), ErrorKind::not_found);
}

}  // namespace
}  // namespace cloudsign::credential
