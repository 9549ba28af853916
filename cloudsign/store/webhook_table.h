#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

// `armed` waits for the transaction that it names to end.
enum class WebhookState { armed, due, delivered, failed };

// One thing that a portal is to be told (migrations/0007_webhooks.sql).
struct Webhook {
    std::string id;
    std::string client_id;
    std::string kind;
    std::string subject;
    std::string url;
    std::string body;
    WebhookState state = WebhookState::due;
    std::uint32_t attempts = 0;
    std::int64_t next_at = 0;
    std::optional<std::int64_t> give_up_at;
    std::int64_t created_at = 0;
    std::optional<std::int64_t> done_at;
};

struct WebhookAttempt {
    std::string webhook_id;
    std::uint32_t number = 0;
    std::int64_t at = 0;
    std::uint32_t status = 0;  // HTTP; 0: no answer
    std::string fault;         // empty when it was delivered
};

// The outbox and the delivery log. Errors as ClientTable's.
class WebhookTable {
public:
    explicit WebhookTable(Session& session) : session_(session) {}

    Result<void> insert(const Webhook& webhook);
    Result<std::optional<Webhook>> by_id(const std::string& id);
    // Clients with something due at `now`, those that have waited longest first.
    Result<std::vector<std::string>> clients_due(std::int64_t now, std::uint32_t limit);
    Result<std::vector<Webhook>> due(const std::string& client_id,
                                     std::int64_t now,
                                     std::uint32_t limit);
    // When the next one falls due.
    Result<std::optional<std::int64_t>> next_due();
    // Newest first, those before `before_id`; empty starts at the newest.
    Result<std::vector<Webhook>> page(const std::string& before_id, std::uint32_t limit);

    Result<void> insert_attempt(const WebhookAttempt& attempt);
    Result<std::vector<WebhookAttempt>> attempts(const std::string& webhook_id);
    // URL, state, attempts and times. False when there is no such webhook.
    Result<bool> update(const Webhook& webhook);

    // What waited for this transaction's end is due.
    Result<void> release(const std::string& transaction_id);

private:
    Session& session_;
};

}  // namespace cloudsign::store
