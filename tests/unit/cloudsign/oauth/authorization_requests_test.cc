#include "cloudsign/oauth/authorization_requests.h"

#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::oauth {
namespace {

class AuthorizationRequestsTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        requests_ = std::make_unique<AuthorizationRequests>(*database_, clock_);
    }

    Result<std::string> open(const std::string& client, const std::string& address) {
        return requests_->open(client, parameters_, address);
    }

    const RequestParameters parameters_ = {{"scope", "service"}, {"state", "\"é"}};
    std::unique_ptr<AuthorizationRequests> requests_;
};

TEST_F(AuthorizationRequestsTest, GivesAPushedRequestOnceAndToItsClientAlone) {
    const auto uri = requests_->push("client_a", parameters_);
    ASSERT_TRUE(uri.has_value());
    EXPECT_TRUE(uri->starts_with("urn:ietf:params:oauth:request_uri:"));

    EXPECT_FALSE(requests_->take(*uri, "client_b").has_value());
    const auto taken = requests_->take(*uri, "client_a");
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(*taken, parameters_);
    EXPECT_EQ(requests_->take(*uri, "client_a").error().kind, ErrorKind::not_found);
}

TEST_F(AuthorizationRequestsTest, ForgetsAPushedRequestInTime) {
    const auto uri = requests_->push("client_a", parameters_);
    ASSERT_TRUE(uri.has_value());

    clock_.advance(AuthorizationRequests::pushed_lifetime_ms);

    EXPECT_EQ(requests_->take(*uri, "client_a").error().kind, ErrorKind::not_found);
}

TEST_F(AuthorizationRequestsTest, KeepsABrowsersRequestUntilItIsFinished) {
    const auto id = open("client_a", "192.0.2.1");
    ASSERT_TRUE(id.has_value());

    const auto found = requests_->find(*id);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->client_id, "client_a");
    EXPECT_EQ(*AuthorizationRequests::parameters_of(*found), parameters_);
    EXPECT_TRUE(requests_->finish(*found).has_value());
    EXPECT_EQ(requests_->finish(*found).error().kind, ErrorKind::conflict);
    EXPECT_EQ(requests_->find(*id).error().kind, ErrorKind::not_found);
    EXPECT_EQ(requests_->find("x").error().kind, ErrorKind::not_found);
}

TEST_F(AuthorizationRequestsTest, LeadsToOneSigningAndLivesAsLongAsThat) {
    const auto id = open("client_a", "192.0.2.1");
    ASSERT_TRUE(id.has_value());
    store::Transaction transaction;
    transaction.id = "tx_1";
    transaction.answer_by = clock_.now_ms() + 2 * AuthorizationRequests::lifetime_ms;

    const auto found = requests_->find(*id);
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(requests_->begin(*found, "an", transaction).has_value());
    EXPECT_EQ(requests_->begin(*found, "an", transaction).error().kind, ErrorKind::conflict);

    clock_.advance(AuthorizationRequests::lifetime_ms);
    const auto later = requests_->find(*id);
    ASSERT_TRUE(later.has_value());
    EXPECT_EQ(later->transaction_id, "tx_1");
    EXPECT_EQ(later->signer_id, "an");
    clock_.advance(2 * AuthorizationRequests::lifetime_ms);
    EXPECT_FALSE(requests_->find(*id).has_value());
}

TEST_F(AuthorizationRequestsTest, TellsAnAddressThatBeginsTooManyToWait) {
    requests_ = std::make_unique<AuthorizationRequests>(
        *database_, clock_, RequestShares::Bounds{.source = 2, .client = 100, .all = 100});
    const auto first = open("client_a", "192.0.2.1");
    clock_.advance(60'000);
    ASSERT_TRUE(open("client_b", "192.0.2.1").has_value());

    const auto refused = open("client_a", "192.0.2.1");

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::busy);
    EXPECT_EQ(refused.error().retry_after_s, AuthorizationRequests::lifetime_ms / 1000 - 60);
    EXPECT_TRUE(open("client_a", "192.0.2.2").has_value());
    EXPECT_TRUE(requests_->open("client_a", parameters_, std::nullopt).has_value()) << "pushed";
    // Signed in it still counts; finished it does not.
    const auto found = requests_->find(*first);
    requests_->keep(*found);
    EXPECT_FALSE(open("client_a", "192.0.2.1").has_value());
    ASSERT_TRUE(requests_->finish(*found).has_value());
    EXPECT_TRUE(open("client_a", "192.0.2.1").has_value());
    clock_.advance(AuthorizationRequests::lifetime_ms);
    EXPECT_TRUE(open("client_a", "192.0.2.1").has_value());
}

TEST_F(AuthorizationRequestsTest, LetsTheOldestThatNobodyCameBackToGiveWay) {
    requests_ = std::make_unique<AuthorizationRequests>(
        *database_, clock_, RequestShares::Bounds{.source = 100, .client = 3, .all = 4});
    const auto pushed = requests_->open("client_a", parameters_, std::nullopt);
    const auto kept = open("client_a", "192.0.2.1");
    requests_->keep(*requests_->find(*kept));
    const auto of_b = open("client_b", "192.0.2.1");
    const auto of_a = open("client_a", "192.0.2.2");
    ASSERT_TRUE(open("client_a", "192.0.2.3").has_value());
    ASSERT_TRUE(open("client_a", "192.0.2.4").has_value());

    ASSERT_TRUE(open("client_a", "192.0.2.5").has_value()) << "four of one client";
    EXPECT_FALSE(requests_->find(*of_a).has_value());
    EXPECT_TRUE(requests_->find(*of_b).has_value());

    ASSERT_TRUE(open("client_c", "192.0.2.6").has_value()) << "five of all";
    EXPECT_FALSE(requests_->find(*of_b).has_value());
    EXPECT_TRUE(requests_->find(*kept).has_value());
    EXPECT_TRUE(requests_->find(*pushed).has_value());
}

TEST(RequestShares, CountsANetworkThatOnePersonHasAsOneSource) {
    EXPECT_EQ(source_of("2001:db8:1:2::1"), source_of("2001:db8:1:2:ffff::9"));
    EXPECT_NE(source_of("2001:db8:1:2::1"), source_of("2001:db8:1:3::1"));
    EXPECT_NE(source_of("192.0.2.1"), source_of("192.0.2.2"));
    EXPECT_NE(source_of("::ffff:192.0.2.1"), source_of("::ffff:192.0.2.2"));
}

}  // namespace
}  // namespace cloudsign::oauth
