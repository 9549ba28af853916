#include "server/push/webhook_sender.h"

#include <algorithm>
#include <spdlog/spdlog.h>

#include "cloudsign/push/target.h"
#include "cloudsign/store/rows.h"

namespace server::push {
namespace {

using cloudsign::store::Webhook;

constexpr unsigned clients_max = 64;
constexpr unsigned of_client_max = 4;
// Between two looks at the outbox: many requests that end together are one look.
constexpr std::chrono::milliseconds shortest_pause{20};
constexpr std::chrono::milliseconds longest_pause{5'000};

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
      settings_(settings) {}

WebhookSender::~WebhookSender() {
    stop();
}

void WebhookSender::start(WriteBody write_body) {
    write_body_ = std::move(write_body);
    thread_ = std::thread([this] { run(); });
}

void WebhookSender::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_one();
}

void WebhookSender::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void WebhookSender::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_ || !under_way_.empty()) {
        const bool begin = !stopping_;
        woken_ = false;
        lock.unlock();
        record();
        auto pause = longest_pause;
        if (begin) {
            send_due();
            pause = until_next();
        }
        lock.lock();
        changed_.wait_for(lock, pause, [&] { return woken_ || (begin && stopping_); });
        if (woken_ && !stopping_) {
            lock.unlock();
            std::this_thread::sleep_for(shortest_pause);
            lock.lock();
        }
    }
    lock.unlock();
    record();
}

std::chrono::milliseconds WebhookSender::until_next() {
    const auto next = webhooks_.next_due();
    if (!next || !*next) {
        return longest_pause;
    }
    // What is due and was not sent waits for an answer of its client, which wakes this thread.
    const std::chrono::milliseconds wait(**next - clock_.now_ms());
    return wait <= std::chrono::milliseconds(0) ? longest_pause
                                                : std::clamp(wait, shortest_pause, longest_pause);
}

void WebhookSender::send_due() {
    const auto due = webhooks_.due(clients_max, of_client_max);
    if (!due) {
        spdlog::warn("webhooks: {}", due.error().detail);
        return;
    }
    for (const auto& webhook : *due) {
        {
            const std::lock_guard lock(mutex_);
            auto& of_client = of_client_[webhook.client_id];
            if (of_client >= of_client_max ||
                !under_way_.emplace(webhook.id, webhook.client_id).second) {
                continue;
            }
            ++of_client;
        }
        send(webhook);
    }
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
        ended({id, 0, request.error().detail, hopeless});
        return;
    }
    http_.send(*std::move(request), [this, id](OutboundHttp::Answer answer) {
        if (!answer) {
            ended({id, 0, answer.error(), false});
            return;
        }
        const bool taken = answer->status >= 200 && answer->status < 300;
        std::string fault =
            taken ? "" : "it answered " + std::to_string(answer->status) + ", not 2xx";
        ended({id, answer->status, std::move(fault), false});
    });
}

void WebhookSender::ended(Attempt attempt) {
    const std::lock_guard lock(mutex_);
    ended_.push_back(std::move(attempt));
    woken_ = true;
    changed_.notify_one();
}

void WebhookSender::record() {
    std::vector<Attempt> ended;
    {
        const std::lock_guard lock(mutex_);
        ended.swap(ended_);
    }
    if (ended.empty()) {
        return;
    }
    const auto recorded = webhooks_.record(ended);
    const std::lock_guard lock(mutex_);
    if (!recorded) {
        spdlog::warn("webhooks: {}", recorded.error().detail);
        if (!stopping_) {
            // Under way until it is recorded, so that it is not sent again and again meanwhile.
            std::ranges::move(ended, std::back_inserter(ended_));
            return;
        }
    }
    for (const auto& attempt : ended) {
        const auto found = under_way_.find(attempt.webhook_id);
        if (found == under_way_.end()) {
            continue;
        }
        const auto client = of_client_.find(found->second);
        if (client != of_client_.end() && --client->second == 0) {
            of_client_.erase(client);
        }
        under_way_.erase(found);
    }
}

}  // namespace server::push
