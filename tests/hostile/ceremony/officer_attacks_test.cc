#include "tests/support/module_fixture.h"

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

}  // namespace
