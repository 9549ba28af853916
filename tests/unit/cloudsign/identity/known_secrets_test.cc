#include "cloudsign/identity/known_secrets.h"

#include <gtest/gtest.h>

#include "cloudsign/clock.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::identity {
namespace {

class KnownSecretsTest : public testing::Test {
protected:
    FakeClock clock_{1'700'000'000'000};
    KnownSecrets secrets_{clock_};
    store::Client client_ = store::a_client("client-1");
};

TEST_F(KnownSecretsTest, AreThoseThatWereProvedLately) {
    EXPECT_FALSE(secrets_.knows(client_, "right"));
    secrets_.remember(client_, "right");

    EXPECT_TRUE(secrets_.knows(client_, "right"));
    EXPECT_FALSE(secrets_.knows(client_, "wrong"));
    EXPECT_FALSE(secrets_.knows(client_, ""));
    EXPECT_FALSE(secrets_.knows(store::a_client("client-2"), "right"));

    clock_.advance(KnownSecrets::keep_ms);
    EXPECT_FALSE(secrets_.knows(client_, "right"));
}

TEST_F(KnownSecretsTest, EndWithTheHashThatTheyWereCheckedAgainst) {
    secrets_.remember(client_, "right");
    client_.secret_hash = "of another secret";
    EXPECT_FALSE(secrets_.knows(client_, "right"));
}

TEST_F(KnownSecretsTest, AreNotEndless) {
    for (std::size_t i = 0; i <= KnownSecrets::clients_max; ++i) {
        secrets_.remember(store::a_client("client-" + std::to_string(i)), "x");
    }
    EXPECT_FALSE(secrets_.knows(store::a_client("client-0"), "x"));
    EXPECT_TRUE(secrets_.knows(
        store::a_client("client-" + std::to_string(KnownSecrets::clients_max)), "x"));
}

}  // namespace
}  // namespace cloudsign::identity
