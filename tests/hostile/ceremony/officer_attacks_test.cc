#include "tests/support/group_change.h"

// Officers are counted as people.
namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

// Two officers are asked; the first has two passkeys.
People one_with_two_keys() {
    People people;
    people.officers = std::vector<Passkey>(3);
    people.officers_persons = {1, 1, 2};
    people.officers_needed = 2;
    return people;
}

TEST(OfficerWithTwoKeys, IsOneOfTwoWhoBindAnIssuersKey) {
    ModuleGroup group(1, one_with_two_keys());

    // The fixture approves with the first two passkeys, which are one person's.
    const auto alone =
        enrol(group.target(), group.people, wire::KeyType::p256, wire::KeyKind::issuer);

    EXPECT_EQ(status(alone), Status::assertion_missing);
}

TEST(OfficerWithTwoKeys, IsOneOfTwoWhoIssue) {
    People people = one_with_two_keys();
    std::swap(people.officers_persons[1], people.officers_persons[2]);
    ModuleGroup group(1, people);
    const auto issuer =
        enrol(group.target(), group.people, wire::KeyType::p256, wire::KeyKind::issuer);
    ASSERT_EQ(status(issuer), Status::ok);
    auto signing = approved_signing(group.target(), group.people, *issuer);
    ASSERT_EQ(status(signing), Status::ok);
    const auto two_people = signing->assertions;

    signing->assertions = {group.people.officer_approves(signing->activation.challenge, 0),
                           group.people.officer_approves(signing->activation.challenge, 2)};
    EXPECT_EQ(status(call(group.target(), signing->request())), Status::assertion_missing);
    EXPECT_EQ(count_signatures(group.target()), 0u);

    signing->assertions = two_people;
    EXPECT_EQ(status(call(group.target(), signing->request())), Status::ok);
}

TEST(OfficerWithTwoKeys, IsNotTwoInAConfiguration) {
    TemporaryFolder folder;
    TestClock clock;
    InProcessModule module(folder.path(), "module", clock);
    const std::vector<hsm::Digest> members{module_id_of(module.target())};
    auto people = one_with_two_keys();
    people.officers_persons = {1, 1, 1};

    const auto provisioned =
        provision(module.target(wire::Role::operating),
                  people,
                  configuration_of(people, wire::AssuranceClass::software, members),
                  wire::EpochMode::make);

    EXPECT_EQ(status(provisioned), Status::configuration_wrong);
    EXPECT_EQ(module.module().state(), wire::State::blank);
}

TEST(OfficerWithTwoKeys, IsOneOfTwoWhoChangeTheGroup) {
    ModuleGroup group(1, one_with_two_keys());
    const auto operating = group.target(0, wire::Role::operating);
    const std::vector<hsm::Digest> members{module_id_of(operating)};
    auto after = group.people;
    after.revision = 2;

    // The first two passkeys are one person's.
    auto change = change_of(operating, group.people, after, members);
    EXPECT_EQ(status_of_change(operating, change), Status::assertion_missing);
    change.assertions[1] = group.people.officer_approves(change.challenge, 2);
    EXPECT_EQ(status_of_change(operating, change), Status::ok);
}

// Two officers; the second leaves, and a third comes in their place.
class DepartedOfficer : public testing::Test {
protected:
    DepartedOfficer() {
        after_.revision = 2;
        after_.officers[1] = Passkey();
    }
    static People two_officers() {
        People people;
        people.officers = std::vector<Passkey>(2);
        people.officers_needed = 2;
        return people;
    }
    Target operating() { return group_.target(0, wire::Role::operating); }
    Status leaves() {
        const std::vector<hsm::Digest> members{module_id_of(group_.target())};
        return status_of_change(operating(),
                                change_of(group_.target(), group_.people, after_, members));
    }

    ModuleGroup group_{1, two_officers()};
    People after_ = group_.people;
};

TEST_F(DepartedOfficer, ApprovesNothingMore) {
    const auto issuer =
        enrol(group_.target(), group_.people, wire::KeyType::p256, wire::KeyKind::issuer);
    ASSERT_TRUE(issuer);
    after_.former_officers = {group_.people.officers[1].thumbprint()};
    const auto approved_before = approved_signing(group_.target(), group_.people, *issuer);
    ASSERT_TRUE(approved_before);
    ASSERT_EQ(leaves(), Status::ok);

    // Not even what was approved while they were one.
    EXPECT_EQ(status(call(group_.target(), approved_before->request())),
              Status::assertion_key_unknown);
    EXPECT_EQ(
        status(enrol(group_.target(), group_.people, wire::KeyType::p256, wire::KeyKind::issuer)),
        Status::assertion_key_unknown);
    const auto by_two = approved_signing(group_.target(), group_.people, *issuer);
    ASSERT_TRUE(by_two);
    EXPECT_EQ(status(call(group_.target(), by_two->request())), Status::assertion_key_unknown);
    const std::vector<hsm::Digest> members{module_id_of(group_.target())};
    auto next = after_;
    next.revision = 3;
    auto change = change_of(group_.target(), after_, next, members);
    change.assertions[1] = group_.people.officer_approves(change.challenge, 1);
    EXPECT_EQ(status_of_change(operating(), change), Status::assertion_key_unknown);
    EXPECT_EQ(status(zeroise(operating(), group_.people)), Status::assertion_key_unknown);
    EXPECT_EQ(count_signatures(group_.target()), 0u);

    // Keys that they had bound are good: their certificates are out.
    const auto signing = approved_signing(group_.target(), after_, *issuer);
    ASSERT_TRUE(signing);
    EXPECT_EQ(status(call(group_.target(), signing->request())), Status::ok);
}

// Unless the officers who stay say that they are not.
TEST_F(DepartedOfficer, TakesTheirBindingsWithThemWhenNotListed) {
    const auto issuer =
        enrol(group_.target(), group_.people, wire::KeyType::p256, wire::KeyKind::issuer);
    ASSERT_TRUE(issuer);
    after_.officers[0] = Passkey();
    ASSERT_EQ(leaves(), Status::ok);

    const auto signing = approved_signing(group_.target(), after_, *issuer);
    ASSERT_TRUE(signing);
    EXPECT_EQ(status(call(group_.target(), signing->request())), Status::configuration_wrong);
}

}  // namespace
