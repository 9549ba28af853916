#include "cloudsign/identity/id.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace cloudsign::identity {
namespace {

TEST(NewId, IsPrefixAnd26SmallLettersOrDigits) {
    const auto id = new_id("cred");

    ASSERT_EQ(id.size(), 31u);
    EXPECT_TRUE(id.starts_with("cred_"));
    EXPECT_TRUE(std::ranges::all_of(id.substr(5), [](char character) {
        return (character >= 'a' && character <= 'v') || (character >= '0' && character <= '9');
    }));
}

TEST(NewId, NeverRepeats) {
    std::set<std::string> ids;
    for (int i = 0; i < 10000; ++i) {
        ids.insert(new_id("tx"));
    }

    EXPECT_EQ(ids.size(), 10000u);
}

TEST(NewId, SortsByTime) {
    const auto earlier = new_id("tx");
    std::this_thread::sleep_for(std::chrono::milliseconds(3));

    EXPECT_LT(earlier, new_id("tx"));
}

}  // namespace
}  // namespace cloudsign::identity
