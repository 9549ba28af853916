#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/push/webhook_key.h"
#include "cloudsign/push/webhooks.h"
#include "server/push/outbound_http.h"
#include "server/push/sending_thread.h"

namespace server::push {

struct SenderSettings {
    std::chrono::milliseconds deadline{10'000};  // of one attempt
    std::string ca_file;                         // trusted beside the system's authorities
};

// Sends what is due in the outbox of webhooks and records what came of it. A portal that does not
// answer holds up nobody else.
class WebhookSender final : Outbox<cloudsign::push::Attempt> {
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

    void start(WriteBody write_body);
    // Something may have fallen due. Any thread, cheap.
    void wake() { thread_.wake(); }
    // As SendingThread's; `http` must still answer.
    void stop() { thread_.stop(); }

private:
    using Attempt = cloudsign::push::Attempt;

    void send_due() override;
    cloudsign::Result<std::optional<std::int64_t>> next_due() override;
    cloudsign::Result<void> record(const std::vector<Attempt>& attempts) override;
    void send(const cloudsign::store::Webhook& webhook);
    cloudsign::Result<OutboundRequest> request_for(const cloudsign::store::Webhook& webhook);

    cloudsign::push::Webhooks& webhooks_;
    cloudsign::store::Database& database_;
    const cloudsign::push::WebhookKey& key_;
    const cloudsign::Clock& clock_;
    OutboundHttp& http_;
    const SenderSettings settings_;
    WriteBody write_body_;
    SendingThread<Attempt> thread_;
};

}  // namespace server::push
