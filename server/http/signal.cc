#include "server/http/signal.h"

namespace server::http {

std::uint64_t Signal::generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
}

void Signal::notify() {
    advance(Last::no);
}

void Signal::end() {
    advance(Last::yes);
}

// Both in one step: who sees the end has seen its generation.
void Signal::advance(Last last) {
    std::vector<std::pair<Ticket, Wake>> woken;
    {
        const std::lock_guard lock(mutex_);
        over_ = over_ || last == Last::yes;
        ++generation_;
        woken.swap(waiting_);
    }
    for (const auto& [ticket, wake] : woken) {
        wake();
    }
}

bool Signal::is_over() const {
    const std::lock_guard lock(mutex_);
    return over_;
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
