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
    const auto id = requests_->open("client_a", parameters_);
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
    const auto id = requests_->open("client_a", parameters_);
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

}  // namespace
}  // namespace cloudsign::oauth
