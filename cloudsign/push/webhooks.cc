#include "cloudsign/push/webhooks.h"

#include <algorithm>

#include "cloudsign/fault_text.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/push/target.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::push {
namespace {

using store::Webhook;
using store::WebhookState;
using store::WebhookTable;

constexpr std::size_t fault_size_max = 200;

}  // namespace

Webhooks::Webhooks(store::Database& database, const Clock& clock, const RetrySchedule& schedule)
    : database_(database), clock_(clock), schedule_(schedule) {}

Result<void> Webhooks::check_url(const std::string& client_id, const std::string& url) {
    TRY_ASSIGN(auto client, database_.client(client_id));
    if (!client) {
        return Error{ErrorKind::not_found, "no such client"};
    }
    TRY(client_target(client->settings, url));
    return {};
}

Webhook Webhooks::made(const Message& message, WebhookState state) const {
    Webhook webhook;
    webhook.id = identity::new_id("wh");
    webhook.client_id = message.client_id;
    webhook.kind = message.kind;
    webhook.subject = message.subject;
    webhook.url = message.url;
    webhook.body = message.body;
    webhook.state = state;
    webhook.created_at = clock_.now_ms();
    webhook.next_at = webhook.created_at;
    return webhook;
}

Result<std::string> Webhooks::insert(store::Session& session, const Message& message) const {
    const auto webhook = made(message, WebhookState::due);
    TRY(WebhookTable(session).insert(webhook));
    return webhook.id;
}

Result<std::string> Webhooks::arm(store::Session& session, const Message& message) const {
    const auto webhook = made(message, WebhookState::armed);
    TRY(WebhookTable(session).insert(webhook));
    return webhook.id;
}

Result<std::string> Webhooks::enqueue(const Message& message) {
    return database_.write([&](store::Session& session) { return insert(session, message); });
}

Result<std::vector<Webhook>> Webhooks::due(std::uint32_t clients, std::uint32_t per_client) {
    const auto now = clock_.now_ms();
    return database_.read([&](store::Session& session) -> Result<std::vector<Webhook>> {
        WebhookTable table(session);
        std::vector<Webhook> all;
        TRY_ASSIGN(auto waiting, table.clients_due(now, clients));
        for (const auto& client : waiting) {
            TRY_ASSIGN(auto some, table.due(client, now, per_client));
            std::ranges::move(some, std::back_inserter(all));
        }
        return all;
    });
}

Result<std::optional<std::int64_t>> Webhooks::next_due() {
    return database_.read([](store::Session& session) { return WebhookTable(session).next_due(); });
}

Result<void> Webhooks::record_one(WebhookTable& table, const Attempt& attempt) const {
    TRY_ASSIGN(auto webhook, table.by_id(attempt.webhook_id));
    if (!webhook) {
        return {};
    }
    const auto now = clock_.now_ms();
    ++webhook->attempts;
    TRY(table.insert_attempt({webhook->id,
                              webhook->attempts,
                              now,
                              attempt.status,
                              fault_text(attempt.fault, fault_size_max)}));
    if (attempt.fault.empty()) {
        webhook->state = WebhookState::delivered;
        webhook->done_at = now;
        TRY(table.update(*webhook));
        return {};
    }
    if (!webhook->give_up_at) {
        webhook->give_up_at = now + schedule_.give_up_ms;
    }
    webhook->next_at = now + wait_before_retry(schedule_, webhook->attempts);
    if (attempt.hopeless || webhook->next_at > *webhook->give_up_at) {
        webhook->state = WebhookState::failed;
        webhook->done_at = now;
    }
    TRY(table.update(*webhook));
    return {};
}

Result<void> Webhooks::record(const std::vector<Attempt>& attempts) {
    return database_.write([&](store::Session& session) -> Result<void> {
        WebhookTable table(session);
        for (const auto& attempt : attempts) {
            TRY(record_one(table, attempt));
        }
        return {};
    });
}

Result<std::vector<Webhooks::Entry>> Webhooks::log(const std::string& before_id,
                                                   std::uint32_t limit) {
    return database_.read([&](store::Session& session) -> Result<std::vector<Entry>> {
        WebhookTable table(session);
        std::vector<Entry> entries;
        TRY_ASSIGN(auto page, table.page(before_id, limit));
        for (auto& webhook : page) {
            TRY_ASSIGN(auto attempts, table.attempts(webhook.id));
            entries.push_back({std::move(webhook), std::move(attempts)});
        }
        return entries;
    });
}

Result<Webhooks::Entry> Webhooks::find(const std::string& id) {
    return database_.read([&](store::Session& session) -> Result<Entry> {
        WebhookTable table(session);
        TRY_ASSIGN(auto webhook, table.by_id(id));
        if (!webhook) {
            return Error{ErrorKind::not_found, "no such webhook"};
        }
        TRY_ASSIGN(auto attempts, table.attempts(id));
        return Entry{*std::move(webhook), std::move(attempts)};
    });
}

Result<Webhook> Webhooks::retry(const std::string& id, const std::string& url) {
    if (!url.empty()) {
        TRY_ASSIGN(const auto entry, find(id));
        const auto checked = check_url(entry.webhook.client_id, url);
        if (!checked) {
            return Error{checked.error().kind, "url " + checked.error().detail};
        }
    }
    return database_.write([&](store::Session& session) -> Result<Webhook> {
        WebhookTable table(session);
        TRY_ASSIGN(auto found, table.by_id(id));
        if (!found) {
            return Error{ErrorKind::not_found, "no such webhook"};
        }
        if (found->state == WebhookState::armed) {
            return Error{ErrorKind::conflict, "its transaction has not ended yet"};
        }
        if (!url.empty()) {
            found->url = url;
        }
        found->state = WebhookState::due;
        found->next_at = clock_.now_ms();
        found->give_up_at.reset();
        found->done_at.reset();
        TRY(table.update(*found));
        return *std::move(found);
    });
}

}  // namespace cloudsign::push
