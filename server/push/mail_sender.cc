#include "server/push/mail_sender.h"

#include <spdlog/spdlog.h>
#include <utility>

#include "cloudsign/notice/mail_text.h"

namespace server::push {
namespace {

constexpr unsigned batch = 8;  // recorded in one commit, the first not long after it was sent

std::string key_of(const cloudsign::notice::Attempt& attempt) {
    return attempt.notice_id;
}

}  // namespace

MailSender::MailSender(cloudsign::notice::Notices& notices,
                       const cloudsign::Clock& clock,
                       MailServer server)
    : notices_(notices), server_(std::move(server)), thread_("mail", clock, key_of, batch) {}

void MailSender::start() {
    if (is_configured()) {
        thread_.start(*this);
    }
}

void MailSender::stop() {
    stopping_ = true;
    thread_.stop();
}

void MailSender::send_due() {
    const auto due = notices_.due(batch);
    if (!due) {
        spdlog::warn("mail: {}", due.error().detail);
        return;
    }
    for (const auto& notice : *due) {
        if (stopping_ || !thread_.begin(notice.id, "the mail server") || !send(notice)) {
            return;
        }
    }
}

bool MailSender::send(const cloudsign::store::Notice& notice) {
    const auto text = cloudsign::notice::mail_text(notice);
    const auto sent =
        send_mail(server_,
                  {notice.id, notice.address, text.subject, text.body, notice.created_at},
                  stopping_);
    if (sent) {
        thread_.ended({notice.id, *sent, "", false});
        return true;
    }
    const auto& fault = sent.error();
    if (!fault.of_mail && !stopping_) {
        spdlog::warn("mail: {}", fault.why);
    }
    thread_.ended({notice.id, fault.status, fault.why, fault.of_mail});
    return fault.of_mail;
}

cloudsign::Result<std::optional<std::int64_t>> MailSender::next_due() {
    return notices_.next_due();
}

cloudsign::Result<void> MailSender::record(const std::vector<Attempt>& attempts) {
    return notices_.record(attempts);
}

}  // namespace server::push
