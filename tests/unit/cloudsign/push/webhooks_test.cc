#include "cloudsign/push/webhooks.h"

#include <gtest/gtest.h>

#include "cloudsign/store/client_table.h"
#include "cloudsign/store/transaction_table.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::push {
namespace {

using store::Session;
using store::WebhookState;

class WebhooksTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        webhooks_ =
            std::make_unique<Webhooks>(*database_, clock_, RetrySchedule{1000, 8000, 60'000});
        database_->on_touched(store::RowKind::webhook, [this] { ++woken_; });
    }

    std::string enqueued(const std::string& client = "client-1") {
        auto id = webhooks_->enqueue(
            {client, "csc.signHash", "response-1", "https://portal.example/", R"({"a":1})"});
        CHECK(id.has_value());
        return *id;
    }
    Webhooks::Entry entry(const std::string& id) {
        auto found = webhooks_->find(id);
        CHECK(found.has_value());
        return *std::move(found);
    }
    std::vector<store::Webhook> due(std::uint32_t per_client = 10) {
        auto found = webhooks_->due(10, per_client);
        CHECK(found.has_value());
        return *std::move(found);
    }
    void failed(const std::string& id) {
        ASSERT_TRUE(webhooks_->record({{id, 500, "it answered 500, not 2xx", false}}).has_value());
    }

    std::unique_ptr<Webhooks> webhooks_;
    int woken_ = 0;
};

TEST_F(WebhooksTest, AreDueAtOnceAndOverWhenDelivered) {
    const auto id = enqueued();
    EXPECT_EQ(woken_, 1);
    ASSERT_EQ(due().size(), 1U);
    EXPECT_EQ(due().front().id, id);

    ASSERT_TRUE(webhooks_->record({{id, 204, "", false}}).has_value());

    EXPECT_EQ(woken_, 1);
    EXPECT_TRUE(due().empty());
    const auto after = entry(id);
    EXPECT_EQ(after.webhook.state, WebhookState::delivered);
    EXPECT_EQ(after.webhook.done_at, clock_.now_ms());
    ASSERT_EQ(after.attempts.size(), 1U);
    EXPECT_EQ(after.attempts.front().status, 204U);
}

TEST_F(WebhooksTest, WaitTwiceAsLongAfterEachFailureUntilTheyAreGivenUp) {
    const auto id = enqueued();
    std::int64_t before = 0;
    for (int attempt = 0; attempt < 4; ++attempt) {
        failed(id);
        const auto wait = entry(id).webhook.next_at - clock_.now_ms();
        const auto whole = std::int64_t{1000} << attempt;
        EXPECT_LE(wait, whole);
        EXPECT_GT(wait, whole * 3 / 4 - 1);
        EXPECT_GT(wait, before);
        EXPECT_TRUE(due().empty());
        clock_.advance(wait);
        EXPECT_EQ(due().size(), 1U);
        before = wait;
    }
    clock_.advance(60'000);
    failed(id);

    EXPECT_EQ(entry(id).webhook.state, WebhookState::failed);
    EXPECT_EQ(entry(id).attempts.size(), 5U);
    EXPECT_TRUE(due().empty());
}

TEST_F(WebhooksTest, AreGivenUpAtOnceWhenTheyMayNotBeSent) {
    const auto id = enqueued();
    ASSERT_TRUE(webhooks_->record({{id, 0, "the client is disabled", true}}).has_value());
    EXPECT_EQ(entry(id).webhook.state, WebhookState::failed);
}

TEST_F(WebhooksTest, AreSentAgainOnDemandWithTheSameId) {
    const auto id = enqueued();
    ASSERT_TRUE(webhooks_->record({{id, 0, "no", true}}).has_value());

    const auto again = webhooks_->retry(id, "");

    EXPECT_EQ(woken_, 2);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->id, id);
    ASSERT_EQ(due().size(), 1U);
    EXPECT_EQ(webhooks_->retry("wh_none", "").error().kind, ErrorKind::not_found);
}

TEST_F(WebhooksTest, AreSentAgainElsewhereOnlyWhereTheClientMayBeTold) {
    identity::ClientRegistry clients(*database_, clock_);
    const auto added = clients.add_for_all("Portal");
    ASSERT_TRUE(added) << added.error().detail;
    const auto& client = added->client_id;
    ASSERT_TRUE(clients.change_settings(client, {{"webhook.url", "https://new.example/hook"}}));
    const auto id = enqueued(client);
    ASSERT_TRUE(webhooks_->record({{id, 0, "no", true}}).has_value());

    const auto foreign = webhooks_->retry(id, "https://portal.example/");
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().kind, ErrorKind::invalid);
    EXPECT_TRUE(foreign.error().detail.starts_with("url names a host")) << foreign.error().detail;
    EXPECT_TRUE(due().empty());
    const auto again = webhooks_->retry(id, "https://new.example/other");

    ASSERT_TRUE(again) << again.error().detail;
    ASSERT_EQ(due().size(), 1U);
    EXPECT_EQ(due().front().url, "https://new.example/other");
    EXPECT_EQ(webhooks_->retry("wh_none", "https://new.example/").error().kind,
              ErrorKind::not_found);
}

TEST_F(WebhooksTest, OfOneClientLeaveRoomForTheOthers) {
    for (int i = 0; i < 20; ++i) {
        enqueued("client-1");
    }
    const auto other = enqueued("client-2");

    const auto found = due(4);

    ASSERT_EQ(found.size(), 5U);
    EXPECT_EQ(found.back().id, other);
}

TEST_F(WebhooksTest, ThatAreArmedAreDueInTheCommitThatEndsTheirTransaction) {
    const auto armed = database_->write([&](Session& session) -> Result<std::string> {
        TRY(store::TransactionTable(session).insert(store::a_transaction("tx-1")));
        return webhooks_->arm(session, {"client-1", "qd769.sign", "tx-1", "https://p/", ""});
    });
    ASSERT_TRUE(armed.has_value());
    EXPECT_EQ(woken_, 0);
    EXPECT_TRUE(due().empty());
    EXPECT_EQ(webhooks_->retry(*armed, "").error().kind, ErrorKind::conflict);
    const auto move = [&](transaction::State from, transaction::State to) {
        return database_->write([&](Session& session) {
            return store::TransactionTable(session).set_state("tx-1", from, to, "");
        });
    };
    ASSERT_TRUE(*move(transaction::State::notified, transaction::State::seen));
    EXPECT_TRUE(due().empty());
    // Another event was faster: nothing ends.
    ASSERT_FALSE(*move(transaction::State::notified, transaction::State::rejected));
    EXPECT_TRUE(due().empty());
    const auto woken_before = woken_;

    ASSERT_TRUE(*move(transaction::State::seen, transaction::State::rejected));

    EXPECT_EQ(woken_, woken_before + 1);
    ASSERT_EQ(due().size(), 1U);
    EXPECT_EQ(due().front().id, *armed);
    EXPECT_EQ(entry(*armed).webhook.state, WebhookState::due);
}

TEST_F(WebhooksTest, KnowWhenTheNextOneFallsDue) {
    EXPECT_EQ(*webhooks_->next_due(), std::nullopt);
    const auto id = enqueued();
    EXPECT_EQ(*webhooks_->next_due(), clock_.now_ms());
    failed(id);
    EXPECT_EQ(*webhooks_->next_due(), entry(id).webhook.next_at);
}

TEST_F(WebhooksTest, AreLoggedNewestFirst) {
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) {
        ids.push_back(enqueued());
    }
    std::ranges::sort(ids, std::greater());

    const auto first = webhooks_->log("", 2);
    const auto rest = webhooks_->log(ids[1], 10);

    ASSERT_EQ(first->size(), 2U);
    EXPECT_EQ((*first)[0].webhook.id, ids[0]);
    ASSERT_EQ(rest->size(), 3U);
    EXPECT_EQ((*rest)[2].webhook.id, ids[4]);
}

TEST_F(WebhooksTest, TakeOnlyUrlsOfTheClient) {
    auto client = store::a_client("client-1");
    client.settings.webhook_hosts = "portal.example";
    ASSERT_TRUE(
        database_
            ->write([&](Session& session) { return store::ClientTable(session).insert(client); })
            .has_value());

    EXPECT_TRUE(webhooks_->check_url("client-1", "https://portal.example/x").has_value());
    EXPECT_EQ(webhooks_->check_url("client-1", "https://other.example/x").error().kind,
              ErrorKind::invalid);
    EXPECT_FALSE(webhooks_->check_url("client-2", "https://portal.example/x").has_value());
}

}  // namespace
}  // namespace cloudsign::push
