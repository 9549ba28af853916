#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

namespace cloudsign::store {

class Session;

// Where a device's browser is told something (migrations/0011_push.sql).
struct PushSubscription {
    std::string device_id;
    std::string endpoint;
    std::string host;
    hsm::protocol::Point p256dh{};
    std::array<hsm::Byte, 16> auth{};
    std::string vapid_key;
    std::int64_t created_at = 0;
};

// The subscriptions of phones. Errors as ClientTable's.
class PushTable {
public:
    explicit PushTable(Session& session) : session_(session) {}

    // In place of the device's former one.
    Result<void> put(const PushSubscription& subscription);
    Result<bool> is_empty();
    Result<std::optional<PushSubscription>> of_device(const std::string& device_id);
    // Of the signer's or of all officers' active devices.
    Result<std::vector<PushSubscription>> of_signer(const std::string& signer_id);
    Result<std::vector<PushSubscription>> of_officers();
    // Whether there was one.
    Result<bool> erase(const std::string& device_id);
    // The same, if it has not been replaced meanwhile.
    Result<bool> erase_endpoint(const std::string& device_id, const std::string& endpoint);
    // Those bound to neither key; answers how many.
    Result<std::int64_t> erase_unless_bound_to(const std::string& key, const std::string& or_key);

private:
    Session& session_;
};

}  // namespace cloudsign::store
