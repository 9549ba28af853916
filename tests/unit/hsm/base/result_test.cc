#include "hsm/base/result.h"

#include <memory>

#include <gtest/gtest.h>

namespace hsm {
namespace {

Result<std::unique_ptr<int>> make(bool good) {
    if (!good) {
        return Status::busy;
    }
    return std::make_unique<int>(7);
}

Result<int> doubled(bool good) {
    TRY_ASSIGN(auto number, make(good));
    return 2 * *number;
}

Result<void> checked(bool good) {
    TRY(doubled(good));
    return {};
}

TEST(Result, CarriesAValueThroughTryAssign) {
    EXPECT_EQ(*doubled(true), 14);
    EXPECT_TRUE(checked(true));
}

TEST(Result, CarriesTheErrorOut) {
    EXPECT_EQ(doubled(false).error(), Status::busy);
    EXPECT_EQ(checked(false).error(), Status::busy);
}

TEST(Result, HoldsAValueOfTheErrorsTypeApart) {
    const Result<Status, int> value(Status::busy);

    ASSERT_TRUE(value);
    EXPECT_EQ(*value, Status::busy);
}

TEST(Result, StopsTheProgramWhenTheWrongSideIsAskedFor) {
    EXPECT_DEATH((void)*doubled(false), "broken invariant");
    EXPECT_DEATH((void)doubled(true).error(), "broken invariant");
    EXPECT_DEATH((void)checked(true).error(), "broken invariant");
}

}  // namespace
}  // namespace hsm
