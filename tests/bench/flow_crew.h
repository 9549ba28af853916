#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "server/net/fibers.h"
#include "tests/bench/appliance.h"

namespace bench {

// So many clients at once, each with phones of its own: no two ever ask the same person. Enrolled
// people sign again and again; of a population everybody has the same chance at every flow. All on
// one thread, each client on a fiber: a thread each would charge the server for waking it up.
class FlowCrew {
public:
    // `flows`: how many are going to be asked for; so many phones are made beforehand.
    FlowCrew(const Appliance& appliance,
             hsm::protocol::KeyType type,
             std::size_t in_flight,
             std::size_t flows);

    std::size_t size() const { return workers_.size(); }
    hsm::protocol::KeyType key_type() const { return type_; }

    // What a worker does in one flow: with its client and the next of its phones.
    using Work = std::function<void(std::size_t worker, FlowClient& client, Phone& phone)>;

    // Every worker once: connections are open and caches warm afterwards.
    void warm_up(const Work& work);
    using Clock = std::chrono::steady_clock;

    // `work` so many times, by whoever is free; number n not before `due(n)`.
    void run(std::size_t count,
             const Work& work,
             const std::function<Clock::time_point(std::size_t number)>& due = {});

private:
    struct Worker {
        FlowClient client;
        std::vector<Phone> phones;
        std::size_t next = 0;

        Phone& phone() { return phones[next++ % phones.size()]; }
    };

    void run_all(const std::function<void(std::size_t worker)>& body);
    void sleep_until(Clock::time_point when);

    hsm::protocol::KeyType type_;
    // Not to be moved: clients and fibers refer to it.
    std::unique_ptr<boost::asio::io_context> io_ = std::make_unique<boost::asio::io_context>(1);
    std::unique_ptr<server::net::Fibers> fibers_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace bench
