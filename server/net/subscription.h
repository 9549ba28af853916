#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "server/http/signal.h"

namespace server::net {

// A Signal's wake, for as long as this lives; without a signal it does nothing.
class Subscription {
public:
    Subscription(std::shared_ptr<http::Signal> signal, std::uint64_t seen, http::Signal::Wake wake)
        : signal_(std::move(signal)) {
        if (signal_) {
            ticket_ = signal_->subscribe(seen, std::move(wake));
        }
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription() {
        if (signal_) {
            signal_->unsubscribe(ticket_);
        }
    }

private:
    std::shared_ptr<http::Signal> signal_;
    http::Signal::Ticket ticket_ = 0;
};

}  // namespace server::net
