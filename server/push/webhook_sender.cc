#include "server/push/webhook_sender.h"

#include <spdlog/spdlog.h>

#include "cloudsign/push/target.h"
#include "cloudsign/store/rows.h"

namespace server::push {
namespace {

using cloudsign::store::Webhook;

constexpr unsigned clients_max = 64;
constexpr unsigned of_client_max = 4;

std::string key_of(const cloudsign::push::Attempt& attempt) {
    return attempt.webhook_id;
}

}  // namespace

WebhookSender::WebhookSender(cloudsign::push::Webhooks& webhooks,
                             cloudsign::store::Database& database,
                             const cloudsign::push::WebhookKey& key,
                             const cloudsign::Clock& clock,
                             OutboundHttp& http,
                             const SenderSettings& settings)
    : webhooks_(webhooks),
      database_(database),
      key_(key),
      clock_(clock),
      http_(http),
      settings_(settings),
      thread_("webhooks", clock, key_of, of_client_max) {}

void WebhookSender::start(WriteBody write_body) {
    write_body_ = std::move(write_body);
    thread_.start(*this);
}

void WebhookSender::send_due() {
    const auto due = webhooks_.due(clients_max, of_client_max);
    if (!due) {
        spdlog::warn("webhooks: {}", due.error().detail);
        return;
    }
    for (const auto& webhook : *due) {
        if (thread_.begin(webhook.id, webhook.client_id)) {
            send(webhook);
        }
    }
}

cloudsign::Result<std::optional<std::int64_t>> WebhookSender::next_due() {
    return webhooks_.next_due();
}

cloudsign::Result<void> WebhookSender::record(const std::vector<Attempt>& attempts) {
    return webhooks_.record(attempts);
}

cloudsign::Result<OutboundRequest> WebhookSender::request_for(const Webhook& webhook) {
    using cloudsign::Error;
    using cloudsign::ErrorKind;
    TRY_ASSIGN(auto client, database_.client(webhook.client_id));
    if (!client || client->status != cloudsign::store::ClientStatus::active) {
        return Error{ErrorKind::forbidden, "the client is disabled"};
    }
    // Asked again at every attempt: the operator may have changed it since.
    auto target = cloudsign::push::client_target(client->settings, webhook.url);
    if (!target) {
        return Error{ErrorKind::forbidden, "its URL " + target.error().detail};
    }
    OutboundRequest request;
    request.body = webhook.body;
    if (request.body.empty()) {
        TRY_ASSIGN(request.body, write_body_(webhook));
    }
    request.url = webhook.url;
    request.headers = {"Content-Type: application/json",
                       "Webhook-Id: " + webhook.id,
                       "X-JWS-Signature: " + key_.sign(webhook, request.body, clock_.now_ms())};
    request.deadline = settings_.deadline;
    request.private_addresses = client->settings.webhook_private_addresses;
    request.plain_http = client->settings.webhook_plain_http;
    request.ca_file = settings_.ca_file;
    return request;
}

void WebhookSender::send(const Webhook& webhook) {
    const auto id = webhook.id;
    auto request = request_for(webhook);
    if (!request) {
        const bool hopeless = request.error().kind == cloudsign::ErrorKind::forbidden;
        thread_.ended({id, 0, request.error().detail, hopeless});
        return;
    }
    http_.send(*std::move(request), [this, id](OutboundHttp::Answer answer) {
        if (!answer) {
            thread_.ended({id, 0, answer.error(), false});
            return;
        }
        const bool taken = answer->status >= 200 && answer->status < 300;
        std::string fault =
            taken ? "" : "it answered " + std::to_string(answer->status) + ", not 2xx";
        thread_.ended({id, answer->status, std::move(fault), false});
    });
}

}  // namespace server::push
