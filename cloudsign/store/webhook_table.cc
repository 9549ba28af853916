#include "cloudsign/store/webhook_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Words<WebhookState> {
    static constexpr std::array list = {"armed", "due", "delivered", "failed"};
};

template <>
struct Columns<Webhook> {
    static constexpr const char* table = "webhooks";
    static constexpr auto list = std::tuple(Column{"id", &Webhook::id},
                                            Column{"client_id", &Webhook::client_id},
                                            Column{"kind", &Webhook::kind},
                                            Column{"subject", &Webhook::subject},
                                            Column{"url", &Webhook::url},
                                            Column{"body", &Webhook::body},
                                            Column{"state", &Webhook::state},
                                            Column{"attempts", &Webhook::attempts},
                                            Column{"next_at", &Webhook::next_at},
                                            Column{"give_up_at", &Webhook::give_up_at},
                                            Column{"created_at", &Webhook::created_at},
                                            Column{"done_at", &Webhook::done_at});
};

template <>
struct Columns<WebhookAttempt> {
    static constexpr const char* table = "webhook_attempts";
    static constexpr auto list = std::tuple(Column{"webhook_id", &WebhookAttempt::webhook_id},
                                            Column{"number", &WebhookAttempt::number},
                                            Column{"at", &WebhookAttempt::at},
                                            Column{"status", &WebhookAttempt::status},
                                            Column{"fault", &WebhookAttempt::fault});
};

namespace {

struct Insert final : Statement<Nothing, Webhook> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Webhook>()) {}
};
struct ById final : Statement<Webhook, std::string> {
    explicit ById(Session& session) : Statement(session, select_sql<Webhook>("WHERE id = :id")) {}
};
struct ClientsDue final : Statement<std::string, std::int64_t, std::uint32_t> {
    explicit ClientsDue(Session& session)
        : Statement(session,
                    "SELECT client_id FROM webhooks WHERE state = 'due' AND next_at <= :now "
                    "GROUP BY client_id ORDER BY MIN(next_at) LIMIT :count") {}
};
struct Due final : Statement<Webhook, std::string, std::int64_t, std::uint32_t> {
    explicit Due(Session& session)
        : Statement(session,
                    select_sql<Webhook>("WHERE client_id = :client_id AND state = 'due' AND "
                                        "next_at <= :now ORDER BY next_at, id LIMIT :count")) {}
};
struct NextDue final : Statement<std::optional<std::int64_t>> {
    explicit NextDue(Session& session)
        : Statement(session, "SELECT MIN(next_at) FROM webhooks WHERE state = 'due'") {}
};
struct Page final : Statement<Webhook, std::string, std::uint32_t> {
    explicit Page(Session& session)
        : Statement(session,
                    select_sql<Webhook>("WHERE id < :before ORDER BY id DESC LIMIT :count")) {}
};
struct InsertAttempt final : Statement<Nothing, WebhookAttempt> {
    explicit InsertAttempt(Session& session) : Statement(session, insert_sql<WebhookAttempt>()) {}
};
struct Attempts final : Statement<WebhookAttempt, std::string> {
    explicit Attempts(Session& session)
        : Statement(session, select_sql<WebhookAttempt>("WHERE webhook_id = :id ORDER BY number")) {
    }
};
struct Update final : Statement<Nothing,
                                std::string,
                                WebhookState,
                                std::uint32_t,
                                std::int64_t,
                                std::optional<std::int64_t>,
                                std::optional<std::int64_t>,
                                std::string> {
    explicit Update(Session& session)
        : Statement(session,
                    "UPDATE webhooks SET url = :url, state = :state, attempts = :attempts, "
                    "next_at = :next_at, give_up_at = :give_up_at, done_at = :done_at "
                    "WHERE id = :id") {}
};
struct Release final : Statement<Nothing, std::string> {
    explicit Release(Session& session)
        : Statement(session,
                    "UPDATE webhooks SET state = 'due' "
                    "WHERE subject = :transaction_id AND state = 'armed'") {}
};

}  // namespace

Result<void> WebhookTable::insert(const Webhook& webhook) {
    if (webhook.state == WebhookState::due) {
        session_.touch(RowKind::webhook);
    }
    return done(session_.prepared<Insert>().run(webhook));
}

Result<std::optional<Webhook>> WebhookTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::vector<std::string>> WebhookTable::clients_due(std::int64_t now, std::uint32_t limit) {
    return session_.prepared<ClientsDue>().all(now, limit);
}

Result<std::vector<Webhook>> WebhookTable::due(const std::string& client_id,
                                               std::int64_t now,
                                               std::uint32_t limit) {
    return session_.prepared<Due>().all(client_id, now, limit);
}

Result<std::optional<std::int64_t>> WebhookTable::next_due() {
    TRY_ASSIGN(auto found, session_.prepared<NextDue>().one());
    return found.value_or(std::nullopt);
}

Result<std::vector<Webhook>> WebhookTable::page(const std::string& before_id, std::uint32_t limit) {
    // Behind every id there is.
    const std::string newest = "~";
    return session_.prepared<Page>().all(before_id.empty() ? newest : before_id, limit);
}

Result<void> WebhookTable::insert_attempt(const WebhookAttempt& attempt) {
    return done(session_.prepared<InsertAttempt>().run(attempt));
}

Result<std::vector<WebhookAttempt>> WebhookTable::attempts(const std::string& webhook_id) {
    return session_.prepared<Attempts>().all(webhook_id);
}

Result<bool> WebhookTable::update(const Webhook& webhook) {
    if (webhook.state == WebhookState::due) {
        session_.touch(RowKind::webhook);
    }
    return hit(session_.prepared<Update>().run(webhook.url,
                                               webhook.state,
                                               webhook.attempts,
                                               webhook.next_at,
                                               webhook.give_up_at,
                                               webhook.done_at,
                                               webhook.id));
}

Result<void> WebhookTable::release(const std::string& transaction_id) {
    TRY_ASSIGN(const auto released, hit(session_.prepared<Release>().run(transaction_id)));
    if (released) {
        session_.touch(RowKind::webhook);
    }
    return {};
}

}  // namespace cloudsign::store
