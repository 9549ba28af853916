#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace server::http {

// Something that held requests wait for, such as a change of one transaction. Thread-safe.
//
// A waiter reads generation() *before* it looks at the state that the signal announces, and waits
// for a later one: so a notify() between looking and waiting is not lost.
class Signal {
public:
    using Wake = std::function<void()>;
    using Ticket = std::uint64_t;

    std::uint64_t generation() const;

    // Advances the generation and calls every subscribed `Wake`, each once.
    void notify();

    // As notify(), for the last time that matters: what the signal announces is over.
    void end();
    bool is_over() const;

    // Calls `wake` once, at the first notify() after generation `seen`: at once, when that has
    // been already. `wake` runs on the notifying thread and must not block or throw.
    Ticket subscribe(std::uint64_t seen, Wake wake);

    // No effect when the ticket's `wake` was called. It may still be running on another thread.
    void unsubscribe(Ticket ticket);

private:
    enum class Last { no, yes };
    void advance(Last last);

    mutable std::mutex mutex_;
    std::uint64_t generation_ = 0;
    Ticket last_ticket_ = 0;
    bool over_ = false;
    std::vector<std::pair<Ticket, Wake>> waiting_;
};

}  // namespace server::http
