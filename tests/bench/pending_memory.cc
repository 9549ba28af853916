#include "tests/bench/pending_memory.h"

#include <chrono>

#include <boost/json.hpp>

#include "tests/bench/failure.h"
#include "tests/bench/usage.h"

namespace bench {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

// A transaction waits ten minutes for its answer (server/config/config.h).
constexpr auto lifetime = std::chrono::minutes(10);

std::uint64_t settled_modules(const Appliance& appliance) {
    std::uint64_t total = 0;
    for (const auto module : appliance.modules()) {
        total += settled_memory(module).resident;
    }
    return total;
}

}  // namespace

json::object measure_pending(const Appliance& appliance,
                             FlowCrew& crew,
                             std::size_t warm_up,
                             std::size_t pending) {
    const auto server = appliance.server();
    const auto ask = [](std::size_t, FlowClient& client, Phone& phone) { client.authorize(phone); };
    const auto start = Clock::now();
    crew.run(warm_up, ask);
    const auto before = settled_memory(server);
    const auto modules_before = settled_modules(appliance);
    crew.run(pending, ask);
    const auto after = settled_memory(server);
    const auto modules_after = settled_modules(appliance);
    const std::chrono::duration<double> took = Clock::now() - start;
    if (took >= lifetime) {
        fail("the first pending transactions expired before the last were there");
    }
    const auto each = [&](std::uint64_t from, std::uint64_t to) {
        return (static_cast<double>(to) - static_cast<double>(from)) / static_cast<double>(pending);
    };
    return {{"pending", pending},
            {"warm_up", warm_up},
            {"seconds", took.count()},
            {"server_bytes_each", each(before.resident, after.resident)},
            {"server_heap_bytes_each", each(before.anonymous, after.anonymous)},
            {"module_bytes_each", each(modules_before, modules_after)},
            {"server_bytes_before", before.resident},
            {"server_bytes_after", after.resident}};
}

}  // namespace bench
