#include "server/push/push_sender.h"

#include <gtest/gtest.h>

#include "cloudsign/push/hint_message.h"
#include "cloudsign/store/client_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/signer_table.h"
#include "cloudsign/store/transaction_table.h"
#include "hsm/openssl/p256.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"
#include "tests/unit/server/push/push_service.h"

namespace server::push {
namespace {

using namespace std::chrono_literals;
using cloudsign::push::Delivery;
using cloudsign::push::VapidKeys;
using cloudsign::store::HintState;
using cloudsign::store::PushHint;
using cloudsign::store::Session;
using cloudsign::transaction::State;

// Against real time: a push service's clock is not ours.
class PushSenderTest : public cloudsign::identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        keys_ = *VapidKeys::open(folder_.file("vapid-key.pem"));
    }
    void TearDown() override { end(); }

    void begin(std::chrono::milliseconds deadline = 10s) {
        PushSettings settings;
        settings.approve_url = "https://approve.localhost:8443";
        settings.contact = "mailto:admin@kyso.example";
        settings.deadline = deadline;
        settings.relay = service_.relay();
        settings.ca_file = service_.ca_file();
        http_ = std::make_unique<OutboundHttp>();
        sender_ = std::make_unique<PushSender>(*database_, *keys_, clock_, *http_, settings);
        sender_->start();
    }
    void end() {
        if (sender_ != nullptr) {
            http_->stop();
            sender_->stop();
            sender_.reset();
            http_.reset();
        }
    }

    std::string phone(const std::string& signer = "signer-1") {
        const auto point = *hsm::openssl::p256_point(hsm::openssl::make_p256_key().get());
        const auto made = cloudsign::identity::new_device(
            cloudsign::store::DeviceOwner::signer, signer, "phone", point, true, 1);
        write([&](Session& session) {
            return cloudsign::store::DeviceTable(session).insert(made.row);
        });
        return made.row.id;
    }
    std::string subscribed(const std::string& behaviour, const std::string& signer = "signer-1") {
        auto device = phone(signer);
        write([&](Session& session) {
            return cloudsign::store::PushTable(session).put(
                service_.subscribe(device, keys_->current()->public_key(), behaviour));
        });
        return device;
    }
    std::string asked(const std::string& id,
                      std::chrono::milliseconds life = 10min,
                      const std::string& signer = "signer-1") {
        auto transaction = cloudsign::store::a_transaction(id);
        transaction.approver_id = signer;
        transaction.answer_by = clock_.now_ms() + life.count();
        transaction.sign_by = transaction.answer_by;
        write([&](Session& session) {
            return cloudsign::store::TransactionTable(session).insert(transaction);
        });
        if (sender_ != nullptr) {
            sender_->changed(id);
        }
        return id;
    }
    void moved(const std::string& id, State from, State to) {
        write([&](Session& session) {
            return cloudsign::store::TransactionTable(session).set_state(id, from, to, "");
        });
        sender_->changed(id);
    }

    template <class Work>
    void write(Work&& work) {
        const auto done = database_->write(std::forward<Work>(work));
        ASSERT_TRUE(done.has_value()) << done.error().detail;
    }
    Delivery delivery(const std::string& id) {
        const auto transaction = *database_->read([&](Session& session) {
            return cloudsign::store::TransactionTable(session).by_id(id);
        });
        return *cloudsign::push::delivery_of(*database_, *transaction);
    }
    PushHint hint(const std::string& id, const std::string& device) {
        return database_
            ->read([&](Session& session) {
                return cloudsign::store::PushHintTable(session).find(id, device);
            })
            ->value_or(PushHint());
    }
    bool is_subscribed(const std::string& device) {
        return database_
            ->read([&](Session& session) {
                return cloudsign::store::PushTable(session).of_device(device);
            })
            ->has_value();
    }
    template <class Condition>
    static bool until(Condition&& condition) {
        const auto end = std::chrono::steady_clock::now() + 60s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) {
                return false;
            }
            std::this_thread::sleep_for(5ms);
        }
        return true;
    }
    ::testing::AssertionResult becomes(const std::string& id, Delivery wanted) {
        if (until([&] { return delivery(id) == wanted; })) {
            return ::testing::AssertionSuccess();
        }
        return ::testing::AssertionFailure() << "it is " << name(delivery(id));
    }

    cloudsign::SystemClock clock_;
    PushService service_;
    std::unique_ptr<VapidKeys> keys_;
    std::unique_ptr<OutboundHttp> http_;
    std::unique_ptr<PushSender> sender_;
};

TEST_F(PushSenderTest, TellsEachPhoneOnceAndNothingButAnOpaqueId) {
    const auto first = subscribed("ok");
    const auto second = subscribed("ok");
    begin();

    asked("tx-1");
    sender_->changed("tx-1");

    for (const auto& device : {first, second}) {
        ASSERT_TRUE(until([&] { return hint("tx-1", device).state == HintState::delivered; }));
    }
    EXPECT_EQ(delivery("tx-1"), Delivery::delivered);
    end();
    const auto messages = service_.messages();
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_NE(messages[0].at("endpoint"), messages[1].at("endpoint"));
    for (const auto& one : messages) {
        EXPECT_EQ(one.at("status"), 201);
        EXPECT_EQ(one.at("message").as_string(),
                  cloudsign::push::hint_message("tx-1", "vi", "https://approve.localhost:8443"));
        EXPECT_EQ(one.at("topic").as_string(), cloudsign::push::hint_topic("tx-1"));
        EXPECT_GT(one.at("ttl").as_int64(), 590);
        EXPECT_LE(one.at("ttl").as_int64(), 600);
        for (const auto* secret : {"Hợp đồng", "Cổng một cửa", "Ký hợp đồng", "4711"}) {
            EXPECT_EQ(std::string(one.at("message").as_string()).find(secret), std::string::npos);
        }
    }
    EXPECT_EQ(hint("tx-1", first).attempts, 1U);
}

TEST_F(PushSenderTest, TellsNobodyWithoutASubscription) {
    phone();
    subscribed("ok", "signer-2");
    begin();

    asked("tx-1");
    asked("tx-2", 10min, "signer-2");

    ASSERT_TRUE(becomes("tx-2", Delivery::delivered));
    EXPECT_EQ(delivery("tx-1"), Delivery::no_subscription);
    end();
    EXPECT_EQ(service_.messages().size(), 1U);
}

TEST_F(PushSenderTest, RemovesASubscriptionThatHasEnded) {
    for (const std::string behaviour : {"gone", "unknown"}) {
        // A signer each: a start looks through all that wait, and would tell the second phone of
        // the first request too.
        const auto device = subscribed(behaviour, "signer-" + behaviour);
        begin();
        const auto id = asked("tx-" + behaviour, 10min, "signer-" + behaviour);

        EXPECT_TRUE(becomes(id, Delivery::undeliverable)) << behaviour;
        EXPECT_FALSE(is_subscribed(device)) << behaviour;
        EXPECT_EQ(hint(id, device).status, behaviour == "gone" ? 410U : 404U);
        end();
    }
}

TEST_F(PushSenderTest, IsRefusedWithAnotherKeyThanTheSubscriptions) {
    const auto device = subscribed("ok");
    auto other = *VapidKeys::open(folder_.file("other-key.pem"));
    write([&](Session& session) -> cloudsign::Result<void> {
        cloudsign::store::PushTable table(session);
        TRY_ASSIGN(auto subscription, table.of_device(device));
        subscription->vapid_key = other->current()->public_key();
        return table.put(*subscription);
    });
    keys_.swap(other);
    begin();

    asked("tx-1");

    EXPECT_TRUE(becomes("tx-1", Delivery::undeliverable));
    EXPECT_EQ(hint("tx-1", device).status, 403U);
    EXPECT_EQ(hint("tx-1", device).attempts, 1U) << "it would be refused again";
    EXPECT_TRUE(is_subscribed(device));
    end();
}

TEST_F(PushSenderTest, SendsWithTheKeyBeforeAChange) {
    subscribed("ok");
    ASSERT_TRUE(keys_->rotate().has_value());
    begin();

    asked("tx-1");

    EXPECT_TRUE(becomes("tx-1", Delivery::delivered));
}

TEST_F(PushSenderTest, LeavesABusyServiceAloneForAsLongAsItSays) {
    const auto device = subscribed("busy");
    begin();
    asked("tx-1");
    ASSERT_TRUE(becomes("tx-1", Delivery::delivered));
    end();

    const auto messages = service_.messages();

    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[0].at("status"), 429);
    EXPECT_EQ(messages[1].at("status"), 201);
    EXPECT_GE(messages[1].at("at").as_double() - messages[0].at("at").as_double(), 1.0);
    EXPECT_EQ(hint("tx-1", device).attempts, 2U);
}

TEST_F(PushSenderTest, GivesUpWhatWouldComeTooLate) {
    const auto device = subscribed("failing");
    begin();

    asked("tx-1", 1500ms);

    EXPECT_TRUE(becomes("tx-1", Delivery::undeliverable));
    EXPECT_EQ(hint("tx-1", device).status, 500U);
    EXPECT_EQ(hint("tx-1", device).fault, "it answered 500");
    EXPECT_TRUE(is_subscribed(device));
}

TEST_F(PushSenderTest, TellsOthersWhileOneServiceIsSilent) {
    const auto silent = subscribed("slow");
    subscribed("ok");
    begin(300ms);

    asked("tx-1", 2s);

    EXPECT_TRUE(becomes("tx-1", Delivery::delivered));
    ASSERT_TRUE(until([&] { return hint("tx-1", silent).attempts > 0; }));
    EXPECT_EQ(hint("tx-1", silent).status, 0U);
    EXPECT_NE(hint("tx-1", silent).fault.find("timed out"), std::string::npos);
}

TEST_F(PushSenderTest, TellsAfterAStartWhatACrashKeptItFromTelling) {
    subscribed("ok");
    asked("tx-1");

    begin();

    EXPECT_TRUE(becomes("tx-1", Delivery::delivered));
}

TEST_F(PushSenderTest, TellsNobodyOfWhatIsSeenAlready) {
    subscribed("ok");
    asked("tx-1");
    write([&](Session& session) {
        return cloudsign::store::TransactionTable(session).set_state(
            "tx-1", State::notified, State::seen, "");
    });
    begin();
    asked("tx-2");

    ASSERT_TRUE(becomes("tx-2", Delivery::delivered));

    EXPECT_EQ(delivery("tx-1"), Delivery::needless);
    end();
    EXPECT_EQ(service_.messages().size(), 1U);
}

}  // namespace
}  // namespace server::push
