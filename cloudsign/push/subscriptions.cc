#include "cloudsign/push/subscriptions.h"

#include "cloudsign/push/target.h"

namespace cloudsign::push {
namespace {

using store::PushSubscription;
using store::PushTable;
using store::Session;

bool is_same(const PushSubscription& one, const PushSubscription& other) {
    return one.endpoint == other.endpoint && one.p256dh == other.p256dh && one.auth == other.auth &&
           one.vapid_key == other.vapid_key;
}

}  // namespace

Result<void> Subscriptions::put(const std::string& device_id, const WantedSubscription& wanted) {
    auto target = read_target(wanted.endpoint, Scheme::https);
    if (!target) {
        return Error{ErrorKind::invalid, "endpoint " + target.error().detail};
    }
    if (!is_listed(hosts_, target->host) || (!target->port.empty() && target->port != "443")) {
        return Error{ErrorKind::invalid, "endpoint is at no push service that this server knows"};
    }
    if (keys_.named(wanted.vapid_key) == nullptr) {
        return Error{ErrorKind::conflict, "the subscription was made with another key"};
    }
    const PushSubscription fresh{device_id,
                                 std::move(target->url),
                                 std::move(target->host),
                                 wanted.keys.p256dh,
                                 wanted.keys.auth,
                                 wanted.vapid_key,
                                 clock_.now_ms()};
    // Phones say it at each start of the app.
    TRY_ASSIGN(auto known, of_device(device_id));
    if (known && is_same(*known, fresh)) {
        return {};
    }
    return database_.write([&](Session& session) { return PushTable(session).put(fresh); });
}

Result<std::optional<PushSubscription>> Subscriptions::of_device(const std::string& device_id) {
    return database_.read(
        [&](Session& session) { return PushTable(session).of_device(device_id); });
}

Result<void> Subscriptions::remove(const std::string& device_id) {
    TRY(database_.write([&](Session& session) { return PushTable(session).erase(device_id); }));
    return {};
}

Result<Subscriptions::Rotated> Subscriptions::rotate_key() {
    const auto former = keys_.current()->public_key();
    Rotated rotated;
    TRY_ASSIGN(auto fresh, keys_.rotate());
    rotated.vapid_key = fresh->public_key();
    TRY_ASSIGN(rotated.removed, database_.write([&](Session& session) {
        return PushTable(session).erase_unless_bound_to(rotated.vapid_key, former);
    }));
    return rotated;
}

}  // namespace cloudsign::push
