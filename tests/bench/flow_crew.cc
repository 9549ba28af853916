#include "tests/bench/flow_crew.h"

#include <random>

#include <boost/asio/steady_timer.hpp>

#include "hsm/sync/latch.h"
#include "tests/bench/failure.h"

namespace bench {
namespace {

std::vector<std::vector<Phone>> one_each(const Appliance& appliance,
                                         hsm::protocol::KeyType type,
                                         std::size_t in_flight) {
    std::vector<std::vector<Phone>> phones;
    for (const auto& person : appliance.people) {
        if (person.key_type == type && phones.size() < in_flight) {
            phones.emplace_back().push_back(Phone::open(person.phone_file, person.credential_id));
        }
    }
    if (phones.empty()) {
        fail("nobody has such a key");
    }
    return phones;
}

// A worker draws from the numbers that leave its own remainder: over all of them, the whole
// population.
std::vector<std::vector<Phone>> at_random(const Appliance& appliance,
                                          std::size_t in_flight,
                                          std::size_t flows) {
    const auto& population = *appliance.population;
    if (population.size() < in_flight) {
        fail("fewer subscribers than flows at once");
    }
    // A worker may have to do more than its share. Who comes up twice is as good as anybody.
    const std::size_t each = flows / in_flight * 5 / 4 + 2;
    std::mt19937_64 random(std::random_device{}());
    std::vector<std::vector<Phone>> phones(in_flight);
    for (std::size_t worker = 0; worker < in_flight; ++worker) {
        std::uniform_int_distribution<std::uint64_t> draw(0, population.size() / in_flight - 1);
        while (phones[worker].size() < each) {
            const auto number = draw(random) * in_flight + worker;
            phones[worker].push_back(Phone::of(population.at(number), appliance.place));
        }
    }
    return phones;
}

}  // namespace

FlowCrew::FlowCrew(const Appliance& appliance,
                   hsm::protocol::KeyType type,
                   std::size_t in_flight,
                   std::size_t flows)
    : type_(type) {
    auto phones = appliance.population ? at_random(appliance, in_flight, flows)
                                       : one_each(appliance, type, in_flight);
    fibers_ = std::make_unique<server::net::Fibers>(io_->get_executor(), phones.size());
    for (auto& list : phones) {
        workers_.push_back(
            std::make_unique<Worker>(Worker{FlowClient(appliance.portal, *io_), std::move(list)}));
    }
}

// Every worker on a fiber of its own, until all have ended.
void FlowCrew::run_all(const std::function<void(std::size_t worker)>& body) {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        if (!fibers_->start([&body, i] { body(i); })) {
            fail("no fiber left");
        }
    }
    while (fibers_->running() > 0) {
        io_->restart();
        io_->run_one();
    }
}

void FlowCrew::sleep_until(Clock::time_point when) {
    boost::asio::steady_timer timer(*io_, when);
    hsm::sync::Latch due;
    timer.async_wait([&](boost::system::error_code) { due.count_down(); });
    due.wait();
}

void FlowCrew::warm_up(const Work& work) {
    run_all([&](std::size_t i) { work(i, workers_[i]->client, workers_[i]->phone()); });
}

void FlowCrew::run(std::size_t count,
                   const Work& work,
                   const std::function<Clock::time_point(std::size_t number)>& due) {
    std::size_t next = 0;
    run_all([&](std::size_t i) {
        for (auto number = next++; number < count; number = next++) {
            if (due) {
                sleep_until(due(number));
            }
            work(i, workers_[i]->client, workers_[i]->phone());
        }
    });
}

}  // namespace bench
