#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/retry_schedule.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/webhook_table.h"

namespace cloudsign::store {
class Session;
}

namespace cloudsign::push {

// What a portal is to be told.
struct Message {
    std::string client_id;
    std::string kind;     // "qd769.sign", "csc.signHash": which body
    std::string subject;  // transaction or responseID, for the log
    std::string url;
    std::string body;  // JSON
};

// What came of one attempt.
struct Attempt {
    std::string webhook_id;
    unsigned status = 0;  // HTTP; 0: no answer
    std::string fault;    // why it counts as failed; empty: delivered
    // Nothing will ever come of it: the client may not be told there.
    bool hopeless = false;
};

// The outbox: what portals are told, at least once, with a delivery log. Whoever sends
// (server/push) asks for what is due and says what came of it. Any thread.
class Webhooks {
public:
    Webhooks(store::Database& database, const Clock& clock, const RetrySchedule& schedule);

    // `invalid` unless the client may be told at this URL; the detail completes "response_uri …".
    Result<void> check_url(const std::string& client_id, const std::string& url);

    // In the commit of what it tells of: call within Database::write. Answers the webhook's id.
    Result<std::string> insert(store::Session& session, const Message& message) const;
    // The same, sent when this transaction ends (message.subject); its body, left empty, is written
    // from the transaction then.
    Result<std::string> arm(store::Session& session, const Message& message) const;
    // In a commit of its own, when nothing else is written.
    Result<std::string> enqueue(const Message& message);

    // What may be sent now: at most `per_client` for each of at most `clients`.
    Result<std::vector<store::Webhook>> due(std::uint32_t clients, std::uint32_t per_client);
    // When to look again; nothing when nothing waits.
    Result<std::optional<std::int64_t>> next_due();
    // One commit for all.
    Result<void> record(const std::vector<Attempt>& attempts);

    // The delivery log, newest first.
    struct Entry {
        store::Webhook webhook;
        std::vector<store::WebhookAttempt> attempts;
    };
    Result<std::vector<Entry>> log(const std::string& before_id, std::uint32_t limit);
    Result<Entry> find(const std::string& id);
    // Due at once, whatever became of it, at `url` from now on (empty: where it was).
    // `not_found`; `conflict` while its transaction goes on; `invalid` unless the client may be
    // told there.
    Result<store::Webhook> retry(const std::string& id, const std::string& url);

private:
    store::Webhook made(const Message& message, store::WebhookState state) const;
    Result<void> record_one(store::WebhookTable& table, const Attempt& attempt) const;

    store::Database& database_;
    const Clock& clock_;
    const RetrySchedule schedule_;
};

}  // namespace cloudsign::push
