#pragma once

#include <functional>
#include <memory>

#include "tests/bench/appliance.h"

namespace bench {

// So many clients at once, each with phones of its own: no two ever ask the same person. Enrolled
// people sign again and again; of a population everybody has the same chance at every flow.
class FlowCrew {
public:
    // `flows`: how many are going to be asked for; so many phones are made beforehand.
    FlowCrew(const Appliance& appliance,
             hsm::protocol::KeyType type,
             std::size_t in_flight,
             std::size_t flows);

    std::size_t size() const { return workers_.size(); }
    hsm::protocol::KeyType key_type() const { return type_; }

    // What a worker's thread does about flow `number`: with its client and the next of its phones.
    using Work = std::function<void(std::size_t worker, FlowClient& client, Phone& phone)>;

    // Every worker once: connections are open and caches warm afterwards.
    void warm_up(const Work& work);
    // `work` so many times, by whoever is free; `before(number)` on the same thread just before.
    void run(std::size_t count,
             const Work& work,
             const std::function<void(std::size_t number)>& before = {});

private:
    struct Worker {
        FlowClient client;
        std::vector<Phone> phones;
        std::size_t next = 0;

        Phone& phone() { return phones[next++ % phones.size()]; }
    };

    hsm::protocol::KeyType type_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace bench
