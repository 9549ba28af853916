#include "tests/bench/flow_rate.h"

#include <chrono>

#include <boost/json.hpp>

#include "tests/bench/usage.h"

namespace bench {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

std::uint64_t total_cpu_us(const std::vector<pid_t>& processes) {
    std::uint64_t total = 0;
    for (const auto process : processes) {
        total += cpu_us(process);
    }
    return total;
}

// signHash of each flow, in microseconds: a list for each worker.
class Samples {
public:
    explicit Samples(const FlowCrew& crew) : lists_(crew.size()), type_(crew.key_type()) {}

    FlowCrew::Work signing() {
        return [this](std::size_t worker, FlowClient& client, Phone& phone) {
            lists_[worker].push_back(client.sign_once(phone, type_));
        };
    }
    void clear() {
        for (auto& list : lists_) {
            list.clear();
        }
    }
    std::vector<double> all() const {
        std::vector<double> all;
        for (const auto& list : lists_) {
            all.insert(all.end(), list.begin(), list.end());
        }
        return all;
    }

private:
    std::vector<std::vector<double>> lists_;
    hsm::protocol::KeyType type_;
};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

json::object measure_flow(const Appliance& appliance, FlowCrew& crew, std::size_t flows) {
    const auto server = appliance.server();
    const auto modules = appliance.modules();
    Samples samples(crew);
    crew.warm_up(samples.signing());
    samples.clear();
    const auto server_before = cpu_us(server);
    const auto module_before = total_cpu_us(modules);
    const auto start = Clock::now();
    crew.run(flows, samples.signing());
    const auto seconds = seconds_since(start);
    const auto count = static_cast<double>(flows);
    const auto server_us = static_cast<double>(cpu_us(server) - server_before) / count;
    const auto module_us = static_cast<double>(total_cpu_us(modules) - module_before) / count;
    const auto all = samples.all();
    return {{"flows", flows},
            {"in_flight", crew.size()},
            {"flows_per_second", count / seconds},
            {"server_us", server_us},
            {"module_us", module_us},
            {"flow_us", server_us + module_us},
            {"sign_hash_p50_us", quantile(all, 0.5)},
            {"sign_hash_p99_us", quantile(all, 0.99)}};
}

json::object measure_open(FlowCrew& crew, double rate, double seconds) {
    Samples samples(crew);
    crew.warm_up(samples.signing());
    samples.clear();
    const auto flows = static_cast<std::size_t>(rate * seconds);
    const auto start = Clock::now();
    crew.run(flows, samples.signing(), [&](std::size_t number) {
        const std::chrono::duration<double> due(static_cast<double>(number) / rate);
        return start + std::chrono::duration_cast<Clock::duration>(due);
    });
    const auto took = seconds_since(start);
    const auto all = samples.all();
    return {{"flows", flows},
            {"flows_per_second", static_cast<double>(flows) / took},
            {"sign_hash_p50_us", quantile(all, 0.5)},
            {"sign_hash_p99_us", quantile(all, 0.99)}};
}

}  // namespace bench
