#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "cloudsign/notice/notices.h"
#include "server/push/outbound_mail.h"
#include "server/push/sending_thread.h"

namespace server::push {

// Sends what is due in the outbox of notices, one mail after the other, and records what came of
// it. Without a mail server it lets them be.
class MailSender final : Outbox<cloudsign::notice::Attempt> {
public:
    // `server.url` empty: there is none.
    MailSender(cloudsign::notice::Notices& notices,
               const cloudsign::Clock& clock,
               MailServer server);

    bool is_configured() const { return !server_.url.empty(); }
    void start();
    // Something may have fallen due. Any thread, cheap.
    void wake() { thread_.wake(); }
    // As SendingThread's; what is under way ends at once.
    void stop();

private:
    using Attempt = cloudsign::notice::Attempt;

    void send_due() override;
    cloudsign::Result<std::optional<std::int64_t>> next_due() override;
    cloudsign::Result<void> record(const std::vector<Attempt>& attempts) override;
    // Whether the server can take another.
    bool send(const cloudsign::store::Notice& notice);

    cloudsign::notice::Notices& notices_;
    const MailServer server_;
    std::atomic<bool> stopping_ = false;
    SendingThread<Attempt> thread_;
};

}  // namespace server::push
