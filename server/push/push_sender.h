#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cloudsign/push/hints.h"
#include "cloudsign/push/vapid_keys.h"
#include "server/push/outbound_http.h"
#include "server/push/sending_thread.h"

namespace server::push {

struct PushSettings {
    std::string approve_url;  // https://host of the app that a message leads to
    std::string contact;      // mailto: or https:
    std::chrono::milliseconds deadline{10'000};
    std::string relay;    // HOST:PORT that carries every connection; empty: none
    std::string ca_file;  // trusted beside the system's authorities
};

// Tells phones, through the push services of their browsers, that something waits (RFC 8030). A
// push service that does not answer, or asks to be left alone, holds up no other.
class PushSender final : Outbox<cloudsign::push::HintAttempt> {
public:
    PushSender(cloudsign::store::Database& database,
               cloudsign::push::VapidKeys& keys,
               const cloudsign::Clock& clock,
               OutboundHttp& http,
               const PushSettings& settings);

    void start();
    // A transaction has come into its approvers' inboxes. Any thread, cheap.
    void changed(const std::string& transaction_id);
    // As SendingThread's; `http` must still answer.
    void stop() { thread_.stop(); }

private:
    using Attempt = cloudsign::push::HintAttempt;
    using DueHint = cloudsign::push::DueHint;

    void send_due() override;
    cloudsign::Result<std::optional<std::int64_t>> next_due() override;
    cloudsign::Result<void> record(const std::vector<Attempt>& attempts) override;
    void plan();
    void send(const DueHint& due);
    cloudsign::Result<OutboundRequest> request_for(const DueHint& due);
    std::int64_t held_back_s(const std::string& host) const;

    cloudsign::push::VapidKeys& keys_;
    const cloudsign::Clock& clock_;
    OutboundHttp& http_;
    const PushSettings settings_;
    cloudsign::push::Hints hints_;
    bool all_planned_ = false;
    // Until when a push service is left alone; the thread's own.
    std::map<std::string, std::int64_t> held_back_;
    std::mutex mutex_;
    std::vector<std::string> changed_;
    SendingThread<Attempt> thread_;
};

}  // namespace server::push
