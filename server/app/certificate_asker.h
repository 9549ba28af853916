#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "cloudsign/external_ca/online_ca.h"
#include "server/push/sending_thread.h"

namespace server::app {

// Asks the authority outside for what people have approved and tells it what is revoked, one after
// the other, and records what came of it after each.
class CertificateAsker final : push::Outbox<cloudsign::external_ca::Attempt> {
public:
    CertificateAsker(cloudsign::external_ca::OnlineCa& authority, const cloudsign::Clock& clock);

    void start() { thread_.start(*this); }
    // Something may have fallen due. Any thread, cheap.
    void wake() { thread_.wake(); }
    // As SendingThread's. What is under way ends as soon as the authority cannot be asked any more
    // (OutsideAuthority::stop) and does not count as an attempt, unless it has succeeded.
    void stop();

private:
    using Attempt = cloudsign::external_ca::Attempt;

    void send_due() override;
    cloudsign::Result<std::optional<std::int64_t>> next_due() override;
    cloudsign::Result<void> record(const std::vector<Attempt>& attempts) override;

    cloudsign::external_ca::OnlineCa& authority_;
    std::atomic<bool> stopping_ = false;
    push::SendingThread<Attempt> thread_;
};

}  // namespace server::app
