#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/push/webhook_key.h"
#include "cloudsign/push/webhooks.h"
#include "server/push/outbound_http.h"

namespace server::push {

struct SenderSettings {
    std::chrono::milliseconds deadline{10'000};  // of one attempt
    std::string ca_file;                         // trusted beside the system's authorities
};

// Sends what is due in the outbox, on a thread of its own, and records what came of it. A portal
// that does not answer holds up nobody else: each has so many attempts under way at most.
class WebhookSender {
public:
    // Writes the body of a webhook that is stored without one, from what its subject has become.
    // An error is an attempt that failed.
    using WriteBody =
        std::function<cloudsign::Result<std::string>(const cloudsign::store::Webhook& webhook)>;

    WebhookSender(cloudsign::push::Webhooks& webhooks,
                  cloudsign::store::Database& database,
                  const cloudsign::push::WebhookKey& key,
                  const cloudsign::Clock& clock,
                  OutboundHttp& http,
                  const SenderSettings& settings);
    ~WebhookSender();
    WebhookSender(const WebhookSender&) = delete;
    WebhookSender& operator=(const WebhookSender&) = delete;

    void start(WriteBody write_body);
    // Something may have fallen due. Any thread, cheap.
    void wake();
    // Begins nothing more and records what has ended; idempotent. `http` must still answer.
    void stop();

private:
    using Attempt = cloudsign::push::Attempt;

    void run();
    void send_due();
    void send(const cloudsign::store::Webhook& webhook);
    void ended(Attempt attempt);
    void record();
    std::chrono::milliseconds until_next();
    cloudsign::Result<OutboundRequest> request_for(const cloudsign::store::Webhook& webhook);

    cloudsign::push::Webhooks& webhooks_;
    cloudsign::store::Database& database_;
    const cloudsign::push::WebhookKey& key_;
    const cloudsign::Clock& clock_;
    OutboundHttp& http_;
    const SenderSettings settings_;
    WriteBody write_body_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
    std::map<std::string, std::string> under_way_;  // id, client
    std::map<std::string, unsigned> of_client_;
    std::vector<Attempt> ended_;
    std::thread thread_;
};

}  // namespace server::push
