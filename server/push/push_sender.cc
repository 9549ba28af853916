#include "server/push/push_sender.h"

#include "cloudsign/push/hint_message.h"
#include "cloudsign/push/message_encryption.h"
#include "cloudsign/push/target.h"

namespace server::push {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::push::HintAttempt;
using Outcome = HintAttempt::Outcome;

constexpr std::uint32_t hosts_max = 64;
constexpr std::uint32_t of_host_max = 32;
// Beyond so many the transactions are found again at the next start, and by the phones themselves.
constexpr std::size_t changed_max = 10'000;

std::string key_of(const HintAttempt& attempt) {
    return attempt.transaction_id + " " + attempt.device_id;
}

HintAttempt attempt_of(const cloudsign::push::DueHint& due) {
    HintAttempt attempt;
    attempt.transaction_id = due.hint.transaction_id;
    attempt.device_id = due.hint.device_id;
    attempt.endpoint = due.to.endpoint;
    return attempt;
}

// RFC 8030 §5, §7.3, §8.4.
Outcome outcome_of(unsigned status) {
    constexpr unsigned too_many = 429;
    if (status >= 200 && status < 300) {
        return Outcome::delivered;
    }
    if (status == 404 || status == 410) {
        return Outcome::gone;
    }
    return status == too_many || status >= 500 ? Outcome::failed : Outcome::refused;
}

}  // namespace

PushSender::PushSender(cloudsign::store::Database& database,
                       cloudsign::push::VapidKeys& keys,
                       const cloudsign::Clock& clock,
                       OutboundHttp& http,
                       const PushSettings& settings)
    : keys_(keys),
      clock_(clock),
      http_(http),
      settings_(settings),
      hints_(database, clock, {}),
      thread_("push", clock, key_of, of_host_max) {}

void PushSender::start() {
    thread_.start(*this);
}

void PushSender::changed(const std::string& transaction_id) {
    {
        const std::lock_guard lock(mutex_);
        if (changed_.size() < changed_max) {
            changed_.push_back(transaction_id);
        }
    }
    thread_.wake();
}

void PushSender::plan() {
    std::vector<std::string> changed;
    {
        const std::lock_guard lock(mutex_);
        changed.swap(changed_);
    }
    const auto planned = all_planned_ ? hints_.plan(changed) : hints_.plan_all();
    if (!planned) {
        all_planned_ = false;  // the next look makes up for it
        spdlog::warn("push: {}", planned.error().detail);
        return;
    }
    all_planned_ = true;
}

void PushSender::send_due() {
    plan();
    const auto due = hints_.due(hosts_max, of_host_max);
    if (!due) {
        spdlog::warn("push: {}", due.error().detail);
        return;
    }
    for (const auto& one : *due) {
        if (thread_.begin(key_of(attempt_of(one)), one.to.host)) {
            send(one);
        }
    }
}

cloudsign::Result<std::optional<std::int64_t>> PushSender::next_due() {
    return hints_.next_due();
}

std::int64_t PushSender::held_back_s(const std::string& host) const {
    const auto found = held_back_.find(host);
    const auto left = found == held_back_.end() ? 0 : found->second - clock_.now_ms();
    return left <= 0 ? 0 : (left + 999) / 1000;
}

cloudsign::Result<OutboundRequest> PushSender::request_for(const DueHint& due) {
    const auto key = keys_.named(due.to.vapid_key);
    if (key == nullptr) {
        return Error{ErrorKind::forbidden, "the subscription's key is gone"};
    }
    const auto& id = due.hint.transaction_id;
    const auto message = cloudsign::push::hint_message(id, due.language, settings_.approve_url);
    TRY_ASSIGN(
        auto body,
        cloudsign::push::encrypt_message({due.to.p256dh, due.to.auth}, hsm::view_of(message)));
    const auto now = clock_.now_ms();
    // Whole seconds, and never 0: a sleeping phone would not get it at all.
    const auto life_s = std::max<std::int64_t>(1, (due.answer_by - now) / 1000);
    OutboundRequest request;
    request.url = due.to.endpoint;
    request.headers = {
        "Authorization: " + key->authorization("https://" + due.to.host, settings_.contact, now),
        "Content-Encoding: aes128gcm",
        "Content-Type: application/octet-stream",
        "TTL: " + std::to_string(life_s),
        "Urgency: high",
        "Topic: " + cloudsign::push::hint_topic(id)};
    request.body = std::string(hsm::text_of(body));
    request.deadline = settings_.deadline;
    request.ca_file = settings_.ca_file;
    request.relay = settings_.relay;
    // The operator named the relay; what it reaches is the push service, by its certificate.
    request.private_addresses = !settings_.relay.empty();
    return request;
}

void PushSender::send(const DueHint& due) {
    auto attempt = attempt_of(due);
    if (const auto wait_s = held_back_s(due.to.host); wait_s > 0) {
        attempt.outcome = Outcome::held_back;
        attempt.fault = "its push service has asked to be left alone";
        attempt.retry_after_s = wait_s;
        thread_.ended(std::move(attempt));
        return;
    }
    auto request = request_for(due);
    if (!request) {
        attempt.outcome = Outcome::refused;
        attempt.fault = request.error().detail;
        thread_.ended(std::move(attempt));
        return;
    }
    http_.send(*std::move(request),
               [this, attempt = std::move(attempt)](OutboundHttp::Answer answer) mutable {
                   if (!answer) {
                       attempt.fault = std::move(answer).error();
                   } else {
                       attempt.status = answer->status;
                       attempt.outcome = outcome_of(answer->status);
                       attempt.retry_after_s = answer->retry_after_s;
                       if (attempt.outcome != Outcome::delivered) {
                           attempt.fault = "it answered " + std::to_string(answer->status);
                       }
                   }
                   thread_.ended(std::move(attempt));
               });
}

cloudsign::Result<void> PushSender::record(const std::vector<Attempt>& attempts) {
    constexpr unsigned too_many = 429;
    constexpr std::size_t held_max = 1024;
    const auto now = clock_.now_ms();
    for (const auto& attempt : attempts) {
        if (attempt.status == too_many && attempt.outcome == Outcome::failed) {
            if (held_back_.size() >= held_max) {
                held_back_.clear();
            }
            const auto host =
                cloudsign::push::read_target(attempt.endpoint, cloudsign::push::Scheme::https);
            if (host) {
                held_back_[host->host] =
                    now + std::max<std::int64_t>(1, attempt.retry_after_s) * 1000;
            }
        }
        if (attempt.outcome == Outcome::refused) {
            spdlog::warn("push: {} is not told of {}: {}",
                         attempt.device_id,
                         attempt.transaction_id,
                         attempt.fault);
        }
    }
    return hints_.record(attempts);
}

}  // namespace server::push
