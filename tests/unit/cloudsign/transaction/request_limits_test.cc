#include "cloudsign/transaction/request_limits.h"

#include <set>
#include <thread>

#include "cloudsign/identity/device_sessions.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/client_table.h"
#include "cloudsign/store/signer_table.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::transaction {
namespace {

using Refusal = TransactionService::Refusal;
using tests::support::answer_ms;
using tests::support::Cloud;

TEST(RateLimiter, GrantsAMinutesWorthAtOnceAndThenAsTimePasses) {
    RateLimiter limiter;
    for (int i = 0; i < 60; ++i) {
        ASSERT_EQ(limiter.take("a", 60, 0), 0) << i;
    }

    EXPECT_EQ(limiter.take("a", 60, 0), 1000);
    EXPECT_EQ(limiter.take("a", 60, 400), 600);
    EXPECT_EQ(limiter.take("b", 60, 400), 0);
    EXPECT_EQ(limiter.take("a", 60, 1000), 0);
    EXPECT_EQ(limiter.take("a", 60, 1000), 1000);
}

TEST(RateLimiter, GivesNothingForAClockThatGoesBack) {
    RateLimiter limiter;
    EXPECT_EQ(limiter.take("a", 1, 100'000), 0);
    EXPECT_EQ(limiter.take("a", 1, 40'000), 60'000);
    EXPECT_EQ(limiter.take("a", 1, 99'999), 1);
}

TEST(RateLimiter, ForgetsTheOneThatUsedLeast) {
    RateLimiter limiter;
    EXPECT_EQ(limiter.take("spent", 1, 0), 0);
    for (std::size_t i = 0; i < RateLimiter::names_max + 10; ++i) {
        EXPECT_EQ(limiter.take(std::to_string(i), 100, 0), 0);
    }

    EXPECT_GT(limiter.take("spent", 1, 0), 0);
}

class RequestLimitsTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
        limit([](store::ClientSettings&) {});
    }

    // client-1 with the defaults, but for what `change` does.
    template <class Change>
    void limit(Change change) {
        store::ClientSettings settings;
        change(settings);
        ASSERT_TRUE(cloud_.database
                        ->write([&](store::Session& session) {
                            return store::ClientTable(session).set_settings("client-1", settings);
                        })
                        .has_value());
    }

    // The same request for the same words.
    Result<store::Transaction> open(const std::string& purpose,
                                    const std::string& client = "client-1") {
        auto request = cloud_.request_for(person_);
        request.documents.front().hash = tests::support::copy_of(sha256(purpose));
        request.purpose_text = purpose;
        request.client_id = client;
        return cloud_->transactions.open(request);
    }
    std::int64_t busy_for(const Result<store::Transaction>& answer) {
        EXPECT_FALSE(answer.has_value());
        if (answer.has_value()) {
            return 0;
        }
        EXPECT_EQ(answer.error().kind, ErrorKind::busy);
        return answer.error().retry_after_s;
    }

    Cloud cloud_;
    tests::support::Person person_;
};

TEST_F(RequestLimitsTest, LetsOneRequestOfAClientWaitForASigner) {
    const auto first = open("one");
    ASSERT_TRUE(first.has_value());

    EXPECT_EQ(open("one")->id, first->id);
    EXPECT_GT(busy_for(open("two")), 0);
    EXPECT_TRUE(open("two", "client-2").has_value());

    ASSERT_TRUE(cloud_.approve(person_, first->id).has_value());
    EXPECT_TRUE(open("two").has_value());
}

TEST_F(RequestLimitsTest, CountsNothingWhoseTimeIsOver) {
    ASSERT_TRUE(open("one").has_value());
    cloud_.advance(answer_ms);

    EXPECT_TRUE(open("two").has_value());
}

TEST_F(RequestLimitsTest, LetsOnlyOneOfManyAtOnceWait) {
    constexpr int askers = 8;
    std::atomic<int> opened{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < askers; ++i) {
        threads.emplace_back([&, i] {
            if (open("at once " + std::to_string(i))) {
                ++opened;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }

    EXPECT_EQ(opened, 1);
}

// The same request from many connections at once is one: whoever comes second waits for the first
// and joins it, however tight the limits are.
TEST_F(RequestLimitsTest, JoinsTheSameRequestFromManyAtOnce) {
    constexpr int askers = 8;
    constexpr int rounds = 5;
    limit([](store::ClientSettings& settings) { settings.opens_per_minute = rounds; });
    for (int round = 0; round < rounds; ++round) {
        std::mutex mutex;
        std::multiset<std::string> answers;
        std::vector<std::thread> threads;
        for (int i = 0; i < askers; ++i) {
            threads.emplace_back([&] {
                const auto opened = open("the same " + std::to_string(round));
                const std::lock_guard lock(mutex);
                answers.insert(opened ? opened->id : opened.error().detail);
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }

        ASSERT_EQ(answers.count(*answers.begin()), askers) << "round " << round;
        ASSERT_TRUE(cloud_.approve(person_, *answers.begin()).has_value());
    }
}

TEST_F(RequestLimitsTest, LeavesASignerAloneWhoRejectedAndLongerEachTime) {
    for (const std::int64_t length : {30, 60, 120, 240, 480, 900, 900}) {
        const auto asked = open("please " + std::to_string(length));
        ASSERT_TRUE(asked.has_value());
        ASSERT_TRUE(cloud_->transactions.refuse(*asked, Refusal::reject).has_value());

        EXPECT_EQ(busy_for(open("again")), length);
        EXPECT_TRUE(open("of another", "client-2").has_value());
        cloud_.advance(length * 1000 - 1);
        EXPECT_EQ(busy_for(open("again")), 1);
        cloud_.advance(1);
    }
    cloud_.advance(60 * 60 * 1000);
    const auto later = open("an hour later");
    ASSERT_TRUE(later.has_value());
    ASSERT_TRUE(cloud_->transactions.refuse(*later, Refusal::reject).has_value());
    EXPECT_EQ(busy_for(open("again")), 30);
}

TEST_F(RequestLimitsTest, KeepsACoolDownOverARestart) {
    const auto asked = open("one");
    ASSERT_TRUE(asked.has_value());
    ASSERT_TRUE(cloud_->transactions.refuse(*asked, Refusal::reject).has_value());

    cloud_.restart_server();

    EXPECT_EQ(busy_for(open("two")), 30);
}

TEST_F(RequestLimitsTest, FreezesTheSignerWhoDidNotStartIt) {
    const auto asked = open("one");
    ASSERT_TRUE(asked.has_value());
    ASSERT_TRUE(cloud_->transactions.refuse(*asked, Refusal::not_mine).has_value());

    const auto signer = cloud_->signers.find("an");

    ASSERT_TRUE(signer.has_value());
    EXPECT_EQ((*signer)->status, store::SignerStatus::frozen);
}

TEST_F(RequestLimitsTest, BoundsWhatAClientOpensInAMinute) {
    limit([](store::ClientSettings& settings) {
        settings.open_requests = 0;
        settings.opens_per_minute = 3;
    });
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(open(std::to_string(i)).has_value());
    }

    EXPECT_EQ(busy_for(open("four")), 20);
    EXPECT_EQ(open("0")->purpose_text, "0");  // what is open is joined
    cloud_.advance(20'000);
    EXPECT_TRUE(open("four").has_value());
    EXPECT_EQ(busy_for(open("five")), 20);
}

TEST_F(RequestLimitsTest, AsksNobodyWhoHasNoDevice) {
    identity::DeviceSessions devices(*cloud_.database, cloud_.clock);
    EXPECT_EQ(*devices.remove_all_of("an"), 1u);

    const auto answer = open("one");

    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::undelivered);
    EXPECT_EQ(*devices.remove_all_of("an"), 0u);
}

TEST_F(RequestLimitsTest, OpensNothingForAClientThatIsNotThere) {
    const auto answer = open("one", "nobody");
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace cloudsign::transaction
