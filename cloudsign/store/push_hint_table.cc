#include "cloudsign/store/push_hint_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Words<HintState> {
    static constexpr std::array list = {"due", "delivered", "undeliverable", "needless"};
};

template <>
struct Columns<PushHint> {
    static constexpr const char* table = "push_hints";
    static constexpr auto list = std::tuple(Column{"transaction_id", &PushHint::transaction_id},
                                            Column{"device_id", &PushHint::device_id},
                                            Column{"host", &PushHint::host},
                                            Column{"state", &PushHint::state},
                                            Column{"attempts", &PushHint::attempts},
                                            Column{"next_at", &PushHint::next_at},
                                            Column{"status", &PushHint::status},
                                            Column{"fault", &PushHint::fault},
                                            Column{"done_at", &PushHint::done_at});
};

namespace {

struct InsertMissing final : Statement<Nothing, PushHint> {
    explicit InsertMissing(Session& session)
        : Statement(session, insert_sql<PushHint>() + " ON CONFLICT DO NOTHING") {}
};
struct OfTransaction final : Statement<PushHint, std::string> {
    explicit OfTransaction(Session& session)
        : Statement(session,
                    select_sql<PushHint>("WHERE transaction_id = :id ORDER BY device_id")) {}
};
struct Find final : Statement<PushHint, std::string, std::string> {
    explicit Find(Session& session)
        : Statement(session,
                    select_sql<PushHint>("WHERE transaction_id = :id AND device_id = :device_id")) {
    }
};
struct HostsDue final : Statement<std::string, std::int64_t, std::uint32_t> {
    explicit HostsDue(Session& session)
        : Statement(session,
                    "SELECT host FROM push_hints WHERE state = 'due' AND next_at <= :now "
                    "GROUP BY host ORDER BY MIN(next_at) LIMIT :count") {}
};
struct Due final : Statement<PushHint, std::string, std::int64_t, std::uint32_t> {
    explicit Due(Session& session)
        : Statement(session,
                    select_sql<PushHint>("WHERE host = :host AND state = 'due' AND "
                                         "next_at <= :now ORDER BY next_at LIMIT :count")) {}
};
struct NextDue final : Statement<std::optional<std::int64_t>> {
    explicit NextDue(Session& session)
        : Statement(session, "SELECT MIN(next_at) FROM push_hints WHERE state = 'due'") {}
};
struct Update final : Statement<Nothing,
                                HintState,
                                std::uint32_t,
                                std::int64_t,
                                std::uint32_t,
                                std::string,
                                std::optional<std::int64_t>,
                                std::string,
                                std::string> {
    explicit Update(Session& session)
        : Statement(session,
                    "UPDATE push_hints SET state = :state, attempts = :attempts, "
                    "next_at = :next_at, status = :status, fault = :fault, done_at = :done_at "
                    "WHERE transaction_id = :transaction_id AND device_id = :device_id") {}
};
struct EraseOf final : Statement<Nothing, std::string> {
    explicit EraseOf(Session& session)
        : Statement(session, "DELETE FROM push_hints WHERE transaction_id = :id") {}
};

}  // namespace

Result<void> PushHintTable::insert_missing(const PushHint& hint) {
    return done(session_.prepared<InsertMissing>().run(hint));
}

Result<std::vector<PushHint>> PushHintTable::of_transaction(const std::string& transaction_id) {
    return session_.prepared<OfTransaction>().all(transaction_id);
}

Result<std::optional<PushHint>> PushHintTable::find(const std::string& transaction_id,
                                                    const std::string& device_id) {
    return session_.prepared<Find>().one(transaction_id, device_id);
}

Result<std::vector<std::string>> PushHintTable::hosts_due(std::int64_t now, std::uint32_t limit) {
    return session_.prepared<HostsDue>().all(now, limit);
}

Result<std::vector<PushHint>> PushHintTable::due(const std::string& host,
                                                 std::int64_t now,
                                                 std::uint32_t limit) {
    return session_.prepared<Due>().all(host, now, limit);
}

Result<std::optional<std::int64_t>> PushHintTable::next_due() {
    TRY_ASSIGN(auto found, session_.prepared<NextDue>().one());
    return found.value_or(std::nullopt);
}

Result<bool> PushHintTable::update(const PushHint& hint) {
    return hit(session_.prepared<Update>().run(hint.state,
                                               hint.attempts,
                                               hint.next_at,
                                               hint.status,
                                               hint.fault,
                                               hint.done_at,
                                               hint.transaction_id,
                                               hint.device_id));
}

Result<void> PushHintTable::erase_of(const std::string& transaction_id) {
    return done(session_.prepared<EraseOf>().run(transaction_id));
}

}  // namespace cloudsign::store
