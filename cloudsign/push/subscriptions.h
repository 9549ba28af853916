#pragma once

#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/push/message_encryption.h"
#include "cloudsign/push/vapid_keys.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/push_table.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::push {

// What a phone's browser made, as the phone tells it.
struct WantedSubscription {
    std::string endpoint;
    SubscriptionKeys keys;
    std::string vapid_key;  // ours, that it was made with
};

// Where phones are told that something waits: one subscription for each device. Any thread.
class Subscriptions {
public:
    // `hosts`: the push services that are taken, as is_listed() reads them.
    Subscriptions(store::Database& database,
                  const Clock& clock,
                  VapidKeys& keys,
                  std::vector<std::string> hosts)
        : database_(database), clock_(clock), keys_(keys), hosts_(std::move(hosts)) {}

    // In place of the device's former one. `invalid` when the endpoint is none of a listed push
    // service, since whoever sends there must not be sent anywhere; `conflict` when it was made
    // with another key than ours.
    Result<void> put(const std::string& device_id, const WantedSubscription& wanted);
    Result<std::optional<store::PushSubscription>> of_device(const std::string& device_id);
    // No error where there is none.
    Result<void> remove(const std::string& device_id);

    std::string vapid_key() const { return keys_.current()->public_key(); }
    struct Rotated {
        std::string vapid_key;
        std::int64_t removed = 0;  // subscriptions
    };
    // Subscriptions of the key so far go on; those of the one before it end (VapidKeys::rotate).
    Result<Rotated> rotate_key();

private:
    store::Database& database_;
    const Clock& clock_;
    VapidKeys& keys_;
    const std::vector<std::string> hosts_;
};

}  // namespace cloudsign::push
