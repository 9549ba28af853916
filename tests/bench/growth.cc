#include "tests/bench/growth.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <boost/json.hpp>

#include "tests/bench/usage.h"

namespace bench {
namespace {

namespace json = boost::json;

struct Sample {
    std::size_t flows;  // done by then
    double server;
    double modules;
};

class Sampler {
public:
    Sampler(const Appliance& appliance, const std::atomic<std::size_t>& done)
        : server_(appliance.server()),
          modules_(appliance.modules()),
          done_(done),
          thread_([this] { sample_until_stopped(); }) {}

    std::vector<Sample> stop() {
        stopping_ = true;
        thread_.join();
        return std::move(samples_);
    }

private:
    void sample_until_stopped() {
        do {
            double modules = 0;
            for (const auto module : modules_) {
                modules += static_cast<double>(memory_of(module).resident);
            }
            const auto server = static_cast<double>(memory_of(server_).resident);
            samples_.push_back({done_, server, modules});
            std::this_thread::sleep_for(std::chrono::milliseconds(25));
        } while (!stopping_);
    }

    pid_t server_;
    std::vector<pid_t> modules_;
    const std::atomic<std::size_t>& done_;
    std::vector<Sample> samples_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

// The medians over [from, to] flows.
Sample median_between(const std::vector<Sample>& samples, double from, double to) {
    std::vector<double> server;
    std::vector<double> modules;
    for (const auto& sample : samples) {
        const auto at = static_cast<double>(sample.flows);
        if (at >= from && at <= to) {
            server.push_back(sample.server);
            modules.push_back(sample.modules);
        }
    }
    return {
        static_cast<std::size_t>((from + to) / 2), quantile(server, 0.5), quantile(modules, 0.5)};
}

double percent(double from, double to) {
    return from > 0 ? 100 * (to - from) / from : 0;
}

}  // namespace

json::object measure_growth(const Appliance& appliance, FlowCrew& crew, std::size_t flows) {
    const auto type = crew.key_type();
    std::atomic<std::size_t> done = 0;
    const auto sign = [&](std::size_t, FlowClient& client, Phone& phone) {
        client.sign_once(phone, type);
        ++done;
    };
    Sampler sampler(appliance, done);
    crew.run(flows, sign);
    const auto samples = sampler.stop();

    const auto warm_up = static_cast<double>(flows) / 10;
    const auto rest = static_cast<double>(flows) - warm_up;
    const auto window = rest / 10;
    std::vector<Sample> marks;
    json::array series;
    for (int quarter = 0; quarter <= 4; ++quarter) {
        const auto middle = std::clamp(rest * quarter / 4, window / 2, rest - window / 2) + warm_up;
        marks.push_back(median_between(samples, middle - window / 2, middle + window / 2));
        series.push_back(json::object{{"flows", marks.back().flows},
                                      {"server_bytes", marks.back().server},
                                      {"module_bytes", marks.back().modules}});
    }
    const auto& first = marks.front();
    const auto& last = marks.back();
    return {{"signatures", flows},
            {"warm_up", static_cast<std::size_t>(warm_up)},
            {"growth_percent", percent(first.server + first.modules, last.server + last.modules)},
            {"server_growth_percent", percent(first.server, last.server)},
            {"module_growth_percent", percent(first.modules, last.modules)},
            {"before_bytes", samples.front().server + samples.front().modules},
            {"quarters", std::move(series)}};
}

}  // namespace bench
