#include "cloudsign/identity/login_guard.h"

#include <gtest/gtest.h>

namespace cloudsign::identity {
namespace {

class LoginGuardTest : public testing::Test {
protected:
    void fail(int times, const std::string& name = "portal", const std::string& peer = "10.0.0.1") {
        for (int i = 0; i < times; ++i) {
            guard_.failed(name, peer);
        }
    }
    // Seconds of a pause; 0: none.
    std::int64_t pause(const std::string& name = "portal", const std::string& peer = "10.0.0.1") {
        const auto free = guard_.check(name, peer);
        return free ? 0 : free.error().retry_after_s;
    }

    FakeClock clock_{1'000'000'000};
    LoginGuard guard_{clock_, {5, 8, 12, 15 * 60 * 1000}};
};

TEST_F(LoginGuardTest, PausesThePairAfterFiveAndLongerWithEachMore) {
    fail(4);
    EXPECT_EQ(pause(), 0);
    fail(1);
    EXPECT_EQ(pause(), 30);
    EXPECT_EQ(pause("portal", "10.0.0.2"), 0);
    EXPECT_EQ(pause("another"), 0);

    clock_.advance(30'000);
    EXPECT_EQ(pause(), 0);
    fail(1);
    EXPECT_EQ(pause(), 60);
    clock_.advance(59'001);
    EXPECT_EQ(pause(), 1);
}

TEST_F(LoginGuardTest, NeverPausesLongerThanAQuarterOfAnHour) {
    for (int i = 0; i < 40; ++i) {
        guard_.failed("portal", "peer " + std::to_string(i));  // each pair once
    }
    EXPECT_EQ(pause("portal", "10.0.0.9"), 900);
}

TEST_F(LoginGuardTest, StopsOneWhoTriesManyNames) {
    for (int i = 0; i < 8; ++i) {
        guard_.failed("name " + std::to_string(i), "10.0.0.1");
    }
    EXPECT_EQ(pause("not tried yet"), 30);
    EXPECT_EQ(pause("not tried yet", "10.0.0.2"), 0);
}

TEST_F(LoginGuardTest, ForgetsWithTimeAndWithTheRightSecret) {
    fail(4);
    guard_.succeeded("portal", "10.0.0.1");
    fail(3);
    EXPECT_EQ(pause(), 0);

    clock_.advance(15 * 60 * 1000 + 1);
    fail(4);
    EXPECT_EQ(pause(), 0);
}

TEST_F(LoginGuardTest, ANameThatLooksLikeAPairIsNone) {
    guard_.failed(std::string("a\0b", 3), "c");
    fail(4, "a", std::string("b\0c", 3));
    EXPECT_EQ(pause(std::string("a\0b", 3), "c"), 0);
}

TEST_F(LoginGuardTest, KeepsThoseWhoFailedLastWhenThereAreTooMany) {
    fail(4);
    for (std::size_t i = 0; i < LoginGuard::entries_max; ++i) {
        clock_.advance(1);
        guard_.failed(std::to_string(i), std::to_string(i));
        if (i % 100 == 0) {
            clock_.advance(1);
        }
    }
    fail(1);
    EXPECT_EQ(pause(), 0);  // forgotten, and counted anew
    fail(4);
    EXPECT_EQ(pause(), 30);
}

}  // namespace
}  // namespace cloudsign::identity
