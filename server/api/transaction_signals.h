#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "server/http/signal.h"

namespace server::api {

// One signal for each transaction that somebody is waiting for right now.
class TransactionSignals {
public:
    // The signal of a transaction; it lives as long as somebody holds it.
    std::shared_ptr<http::Signal> of(const std::string& id) {
        const std::lock_guard lock(mutex_);
        auto& slot = signals_[id];
        auto signal = slot.lock();
        if (!signal) {
            signal = std::make_shared<http::Signal>();
            slot = signal;
        }
        forget_unused();
        return signal;
    }

    void changed(const std::string& id) {
        std::shared_ptr<http::Signal> signal;
        {
            const std::lock_guard lock(mutex_);
            const auto found = signals_.find(id);
            if (found == signals_.end()) {
                return;
            }
            signal = found->second.lock();
            if (!signal) {
                signals_.erase(found);
            }
        }
        if (signal) {
            signal->notify();
        }
    }

private:
    // Amortised: a full look every time the map has doubled since the last one.
    void forget_unused() {
        if (signals_.size() < 2 * kept_ + 64) {
            return;
        }
        std::erase_if(signals_, [](const auto& entry) { return entry.second.expired(); });
        kept_ = signals_.size();
    }

    std::mutex mutex_;
    std::unordered_map<std::string, std::weak_ptr<http::Signal>> signals_;
    std::size_t kept_ = 0;
};

}  // namespace server::api
