#include "cloudsign/store/push_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Columns<PushSubscription> {
    static constexpr const char* table = "push_subscriptions";
    static constexpr auto list = std::tuple(Column{"device_id", &PushSubscription::device_id},
                                            Column{"endpoint", &PushSubscription::endpoint},
                                            Column{"host", &PushSubscription::host},
                                            Column{"p256dh", &PushSubscription::p256dh},
                                            Column{"auth", &PushSubscription::auth},
                                            Column{"vapid_key", &PushSubscription::vapid_key},
                                            Column{"created_at", &PushSubscription::created_at});
};

namespace {

struct Insert final : Statement<Nothing, PushSubscription> {
    explicit Insert(Session& session) : Statement(session, insert_sql<PushSubscription>()) {}
};
struct Any final : Statement<std::int64_t> {
    explicit Any(Session& session)
        : Statement(session, "SELECT 1 FROM push_subscriptions LIMIT 1") {}
};
struct OfDevice final : Statement<PushSubscription, std::string> {
    explicit OfDevice(Session& session)
        : Statement(session, select_sql<PushSubscription>("WHERE device_id = :device_id")) {}
};
struct OfSigner final : Statement<PushSubscription, std::string> {
    explicit OfSigner(Session& session)
        : Statement(session,
                    select_sql<PushSubscription>(
                        "WHERE device_id IN (SELECT id FROM devices WHERE owner_kind = 'signer' "
                        "AND owner_id = :owner_id AND status = 'active') ORDER BY device_id")) {}
};
struct OfOfficers final : Statement<PushSubscription> {
    explicit OfOfficers(Session& session)
        : Statement(session,
                    select_sql<PushSubscription>(
                        "WHERE device_id IN (SELECT id FROM devices WHERE owner_kind = 'officer' "
                        "AND status = 'active') ORDER BY device_id")) {}
};
struct Erase final : Statement<Nothing, std::string> {
    explicit Erase(Session& session)
        : Statement(session, "DELETE FROM push_subscriptions WHERE device_id = :device_id") {}
};
struct EraseEndpoint final : Statement<Nothing, std::string, std::string> {
    explicit EraseEndpoint(Session& session)
        : Statement(session,
                    "DELETE FROM push_subscriptions WHERE device_id = :device_id "
                    "AND endpoint = :endpoint") {}
};
struct EraseUnlessBound final : Statement<Nothing, std::string, std::string> {
    explicit EraseUnlessBound(Session& session)
        : Statement(session,
                    "DELETE FROM push_subscriptions WHERE vapid_key NOT IN (:key, :or_key)") {}
};

}  // namespace

Result<void> PushTable::put(const PushSubscription& subscription) {
    TRY(erase(subscription.device_id));
    return done(session_.prepared<Insert>().run(subscription));
}

Result<bool> PushTable::is_empty() {
    TRY_ASSIGN(auto some, session_.prepared<Any>().one());
    return !some;
}

Result<std::optional<PushSubscription>> PushTable::of_device(const std::string& device_id) {
    return session_.prepared<OfDevice>().one(device_id);
}

Result<std::vector<PushSubscription>> PushTable::of_signer(const std::string& signer_id) {
    return session_.prepared<OfSigner>().all(signer_id);
}

Result<std::vector<PushSubscription>> PushTable::of_officers() {
    return session_.prepared<OfOfficers>().all();
}

Result<bool> PushTable::erase(const std::string& device_id) {
    return hit(session_.prepared<Erase>().run(device_id));
}

Result<bool> PushTable::erase_endpoint(const std::string& device_id, const std::string& endpoint) {
    return hit(session_.prepared<EraseEndpoint>().run(device_id, endpoint));
}

Result<std::int64_t> PushTable::erase_unless_bound_to(const std::string& key,
                                                      const std::string& or_key) {
    TRY_ASSIGN(const auto erased, session_.prepared<EraseUnlessBound>().run(key, or_key));
    return std::int64_t{erased};
}

}  // namespace cloudsign::store
