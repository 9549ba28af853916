#include "server/http/signal.h"

namespace server::http {

std::uint64_t Signal::generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
}

void Signal::notify() {
    std::vector<std::pair<Ticket, Wake>> woken;
    {
        const std::lock_guard lock(mutex_);
        ++generation_;
        woken.swap(waiting_);
    }
    for (const auto& [ticket, wake] : woken) {
        wake();
    }
}

Signal::Ticket Signal::subscribe(std::uint64_t seen, Wake wake) {
    {
        const std::lock_guard lock(mutex_);
        ++last_ticket_;
        if (generation_ == seen) {
            waiting_.emplace_back(last_ticket_, std::move(wake));
            return last_ticket_;
        }
    }
    wake();
    return 0;
}

void Signal::unsubscribe(Ticket ticket) {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](const auto& waiter) { return waiter.first == ticket; });
}

}  // namespace server::http
