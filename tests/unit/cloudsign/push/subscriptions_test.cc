#include "cloudsign/push/subscriptions.h"

#include <gtest/gtest.h>

#include "cloudsign/store/device_table.h"
#include "hsm/openssl/p256.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::push {
namespace {

using store::PushTable;
using store::Session;

class SubscriptionsTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        keys_ = *VapidKeys::open(folder_.file("vapid-key.pem"));
        subscriptions_ = std::make_unique<Subscriptions>(
            *database_, clock_, *keys_, std::vector<std::string>{"fcm.example", "*.push.example"});
    }

    std::string device(store::DeviceOwner kind, const std::string& owner) {
        const auto point = *hsm::openssl::p256_point(hsm::openssl::make_p256_key().get());
        const auto made = identity::new_device(kind, owner, "phone", point, true, 1);
        EXPECT_TRUE(database_
                        ->write([&](Session& session) {
                            return store::DeviceTable(session).insert(made.row);
                        })
                        .has_value());
        return made.row.id;
    }
    WantedSubscription wanted(const std::string& endpoint = "https://fcm.example/a") {
        WantedSubscription wanted;
        wanted.endpoint = endpoint;
        wanted.keys.p256dh = *hsm::openssl::p256_point(hsm::openssl::make_p256_key().get());
        wanted.vapid_key = keys_->current()->public_key();
        return wanted;
    }
    std::size_t of_signer(const std::string& signer) {
        return database_
            ->read([&](Session& session) { return PushTable(session).of_signer(signer); })
            ->size();
    }

    std::unique_ptr<VapidKeys> keys_;
    std::unique_ptr<Subscriptions> subscriptions_;
};

TEST_F(SubscriptionsTest, KeepTheNewestOfEachDevice) {
    const auto phone = device(store::DeviceOwner::signer, "an");
    ASSERT_TRUE(subscriptions_->put(phone, wanted()).has_value());
    const auto second = wanted("https://a.push.example/b");
    clock_.advance(5);

    ASSERT_TRUE(subscriptions_->put(phone, second).has_value());
    clock_.advance(5);
    ASSERT_TRUE(subscriptions_->put(phone, second).has_value()) << "the same once more";

    const auto kept = *subscriptions_->of_device(phone);
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(kept->endpoint, second.endpoint);
    EXPECT_EQ(kept->host, "a.push.example");
    EXPECT_EQ(kept->p256dh, second.keys.p256dh);
    EXPECT_EQ(kept->auth, second.keys.auth);
    EXPECT_EQ(kept->created_at, clock_.now_ms() - 5);
    EXPECT_EQ(of_signer("an"), 1U);
}

TEST_F(SubscriptionsTest, AreTakenAtListedHostsAlone) {
    for (const auto* endpoint : {"https://elsewhere.example/",
                                 "https://push.example/",
                                 "https://127.0.0.1/",
                                 "https://fcm.example:8443/",
                                 "https://fcm.example@127.0.0.1/",
                                 "http://fcm.example/",
                                 "https://fcm.example.evil/",
                                 "fcm.example/a"}) {
        const auto refused = subscriptions_->put("dev", wanted(endpoint));
        ASSERT_FALSE(refused.has_value()) << endpoint;
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid) << endpoint;
    }
}

TEST_F(SubscriptionsTest, EndWithTheirDevice) {
    const auto phone = device(store::DeviceOwner::signer, "an");
    const auto other = device(store::DeviceOwner::officer, "chi");
    ASSERT_TRUE(subscriptions_->put(phone, wanted()).has_value());
    ASSERT_TRUE(subscriptions_->put(other, wanted()).has_value());
    EXPECT_EQ(of_signer("chi"), 0U) << "an officer's";

    ASSERT_TRUE(identity::DeviceSessions(*database_, clock_).remove(phone).has_value());

    EXPECT_FALSE(subscriptions_->of_device(phone)->has_value());
    EXPECT_TRUE(subscriptions_->of_device(other)->has_value());
}

TEST_F(SubscriptionsTest, CanBeTakenBack) {
    const auto phone = device(store::DeviceOwner::signer, "an");
    ASSERT_TRUE(subscriptions_->put(phone, wanted()).has_value());

    ASSERT_TRUE(subscriptions_->remove(phone).has_value());
    ASSERT_TRUE(subscriptions_->remove(phone).has_value());

    EXPECT_FALSE(subscriptions_->of_device(phone)->has_value());
}

TEST_F(SubscriptionsTest, OutliveOneChangeOfTheKeyAndNotTwo) {
    const auto phone = device(store::DeviceOwner::signer, "an");
    const auto before = wanted();
    ASSERT_TRUE(subscriptions_->put(phone, before).has_value());

    const auto once = subscriptions_->rotate_key();

    ASSERT_TRUE(once.has_value());
    EXPECT_EQ(once->removed, 0);
    EXPECT_EQ(subscriptions_->vapid_key(), once->vapid_key);
    EXPECT_TRUE(subscriptions_->of_device(phone)->has_value());
    EXPECT_TRUE(subscriptions_->put(phone, before).has_value());

    const auto twice = subscriptions_->rotate_key();

    ASSERT_TRUE(twice.has_value());
    EXPECT_EQ(twice->removed, 1);
    EXPECT_FALSE(subscriptions_->of_device(phone)->has_value());
    EXPECT_EQ(subscriptions_->put(phone, before).error().kind, ErrorKind::conflict);
}

}  // namespace
}  // namespace cloudsign::push
