#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"
#include "server/http/signal.h"

namespace server::api {

// One signal for each transaction that somebody is waiting for right now, and for each sign-in
// that somebody listens by.
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

    // Of the sign-in at the login host that this secret opens: it advances when it ends.
    std::shared_ptr<http::Signal> of_session(std::string_view secret) {
        return of(session_id(secret));
    }

    void changed(const std::string& id) {
        if (const auto signal = find(id)) {
            signal->notify();
        }
    }
    // Nothing more happens that somebody at a browser waits for.
    void ended(const std::string& id) {
        if (const auto signal = find(id)) {
            signal->end();
        }
    }
    void signed_out(std::string_view secret) { changed(session_id(secret)); }

private:
    // No transaction has such an id.
    static std::string session_id(std::string_view secret) {
        return "session/" + cloudsign::base64url(cloudsign::sha256(secret));
    }

    std::shared_ptr<http::Signal> find(const std::string& id) {
        std::shared_ptr<http::Signal> signal;
        {
            const std::lock_guard lock(mutex_);
            const auto found = signals_.find(id);
            if (found == signals_.end()) {
                return nullptr;
            }
            signal = found->second.lock();
            if (!signal) {
                signals_.erase(found);
            }
        }
        return signal;
    }

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
