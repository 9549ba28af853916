#include "firmware/keystore/group.h"

#include "tests/support/module_fixture.h"

namespace {

using namespace tests::support;
using firmware::keystore::check_configuration;
using hsm::Status;
using hsm::protocol::AssuranceClass;

class GroupConfigurationTest : public testing::Test {
protected:
    Status check(const People& people, std::span<const hsm::Digest> members) const {
        return status(
            check_configuration(configuration_of(people, AssuranceClass::software, members),
                                module_,
                                AssuranceClass::software));
    }

    const hsm::Digest module_ = random_digest();
    const hsm::Digest other_ = random_digest();
};

TEST_F(GroupConfigurationTest, TakesAGroupWithThisModuleInIt) {
    EXPECT_EQ(check({}, std::vector<hsm::Digest>{module_}), Status::ok);
    EXPECT_EQ(check({}, std::vector<hsm::Digest>{other_, module_}), Status::ok);
}

TEST_F(GroupConfigurationTest, RefusesAGroupThatIsNone) {
    EXPECT_EQ(check({}, std::vector<hsm::Digest>{other_}), Status::configuration_wrong);
    EXPECT_EQ(check({}, std::vector<hsm::Digest>{module_, module_}), Status::configuration_wrong);
    EXPECT_EQ(check({}, {}), Status::configuration_wrong);

    People people;
    people.officers.clear();
    EXPECT_EQ(check(people, std::vector<hsm::Digest>{module_}), Status::configuration_wrong);
    people = {};
    people.officers_needed = 2;
    EXPECT_EQ(check(people, std::vector<hsm::Digest>{module_}), Status::configuration_wrong);
    people = {};
    people.officers.push_back(people.officers[0]);
    EXPECT_EQ(check(people, std::vector<hsm::Digest>{module_}), Status::configuration_wrong);
    people = {};
    people.custodians[0] = people.officers[0];
    EXPECT_EQ(check(people, std::vector<hsm::Digest>{module_}), Status::configuration_wrong);
    for (const auto* name : {"a\"b", "a\\b", "a b", "caf\xc3\xa9.test"}) {
        people = {};
        people.rp_id = name;
        EXPECT_EQ(check(people, std::vector<hsm::Digest>{module_}), Status::configuration_wrong)
            << name;
        people = {};
        people.origin = name;
        EXPECT_EQ(check(people, std::vector<hsm::Digest>{module_}), Status::configuration_wrong)
            << name;
    }
}

TEST_F(GroupConfigurationTest, RefusesAnotherClass) {
    const auto configuration =
        configuration_of({}, AssuranceClass::hardware, std::vector<hsm::Digest>{module_});

    EXPECT_EQ(status(check_configuration(configuration, module_, AssuranceClass::software)),
              Status::configuration_wrong);
}

}  // namespace
