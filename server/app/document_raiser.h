#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "cloudsign/raising/raisings.h"
#include "server/api/context.h"
#include "server/push/sending_thread.h"

namespace server::app {

// Raises what is due in the queue of documents that missed their level, one after the other, and
// records what came of it after each.
class DocumentRaiser final : push::Outbox<cloudsign::raising::Attempt> {
public:
    explicit DocumentRaiser(api::Context& context);

    void start() { thread_.start(*this); }
    // Something may have fallen due. Any thread, cheap.
    void wake() { thread_.wake(); }
    // As SendingThread's. What is under way ends as soon as the authorities cannot be asked any
    // more (OutboundHttp::stop) and does not count as an attempt.
    void stop();

private:
    using Attempt = cloudsign::raising::Attempt;

    void send_due() override;
    cloudsign::Result<std::optional<std::int64_t>> next_due() override;
    cloudsign::Result<void> record(const std::vector<Attempt>& attempts) override;

    api::Context& context_;
    std::atomic<bool> stopping_ = false;
    push::SendingThread<Attempt> thread_;
};

}  // namespace server::app
