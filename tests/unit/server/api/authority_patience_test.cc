#include "server/api/authority_patience.h"

#include <gtest/gtest.h>

namespace server::api {
namespace {

using namespace std::chrono_literals;

class AuthorityPatienceTest : public testing::Test {
protected:
    // Somebody waits for so long.
    void wait(std::chrono::milliseconds time, bool in_vain) {
        const auto since = now_;
        now_ += time;
        patience_.ended(in_vain, since, now_);
    }

    AuthorityPatience patience_;
    AuthorityPatience::TimePoint now_ = AuthorityPatience::TimePoint() + 1h;
};

TEST_F(AuthorityPatienceTest, WaitsForWhatAnswersAndForWhatRefusesAtOnce) {
    EXPECT_TRUE(patience_.may_wait(now_));
    wait(9s, false);
    EXPECT_TRUE(patience_.may_wait(now_));
    wait(10ms, true);
    EXPECT_TRUE(patience_.may_wait(now_));
}

TEST_F(AuthorityPatienceTest, WaitsNoMoreOnceSomebodyHasWaitedInVain) {
    wait(10s, true);
    EXPECT_FALSE(patience_.may_wait(now_));
    EXPECT_FALSE(patience_.may_wait(now_ + AuthorityPatience::pause - 1ms));
}

TEST_F(AuthorityPatienceTest, LetsOneFindOutWhetherItAnswersAgain) {
    wait(10s, true);
    now_ += AuthorityPatience::pause;
    EXPECT_TRUE(patience_.may_wait(now_));
    EXPECT_FALSE(patience_.may_wait(now_)) << "the other is at it";

    wait(10s, true);
    EXPECT_FALSE(patience_.may_wait(now_));
    now_ += AuthorityPatience::pause;
    EXPECT_TRUE(patience_.may_wait(now_));
    wait(20ms, false);
    EXPECT_TRUE(patience_.may_wait(now_));
    EXPECT_TRUE(patience_.may_wait(now_));
}

}  // namespace
}  // namespace server::api
