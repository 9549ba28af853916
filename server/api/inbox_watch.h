#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cloudsign/store/rows.h"
#include "server/http/signal.h"

namespace server::api {

// The phones that have their inbox open and want to hear at once when something in it changes, and
// the browsers that wait for a phone. One signal for each inbox: a signer has one, all officers
// share one.
class InboxWatch {
public:
    struct Limits {
        std::size_t each_person = 8;
        std::size_t all;  // fewer than the server has connections
    };

    explicit InboxWatch(const Limits& limits) : limits_(limits) {}

    // The signal of this device's inbox, and a place among those who watch for as long as the
    // pointer lives. `busy` when the person has as many as one may have, `unavailable` when the
    // server has.
    cloudsign::Result<std::shared_ptr<http::Signal>> enter(const cloudsign::store::Device& device);

    // A browser of this person's that waits for what `signal` tells: a place of its own, counted
    // among all, and not among the person's phones. Errors as enter().
    cloudsign::Result<std::shared_ptr<http::Signal>> follow(const std::string& signer_id,
                                                            std::shared_ptr<http::Signal> signal);

    // Any thread.
    void changed(const cloudsign::store::Transaction& transaction);

    std::size_t watching() const;

private:
    class Place;
    struct Words;  // what is said of those who watch

    // `mutex_` is held.
    cloudsign::Result<std::shared_ptr<Place>> take(const std::string& person,
                                                   const std::string& inbox,
                                                   const Words& words);
    std::shared_ptr<http::Signal> find(const std::string& inbox);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::weak_ptr<http::Signal>> signals_;  // by inbox
    std::unordered_map<std::string, std::size_t> open_;                     // by person
    std::size_t watching_ = 0;
};

}  // namespace server::api
