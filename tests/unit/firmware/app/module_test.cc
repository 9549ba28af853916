#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

TEST(Module, SignsOnceForOneApproval) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_EQ(status(holder), Status::ok);
    const auto signing = approved_signing(group.target(), group.people, *holder);
    ASSERT_EQ(status(signing), Status::ok);

    const auto first = call(group.target(), signing->request());
    const auto second = call(group.target(), signing->request());

    ASSERT_EQ(status(first), Status::ok);
    EXPECT_EQ(status(second), Status::activation_spent);
    EXPECT_EQ(count_signatures(group.target()), 1u);
}

}  // namespace
