#include "tests/bench/connection_memory.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <sys/resource.h>
#include <thread>

#include <boost/json.hpp>

#include "tests/bench/failure.h"
#include "tests/bench/tls_connection.h"
#include "tests/bench/usage.h"

namespace bench {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

void allow_files(std::size_t connections) {
    const rlim_t wanted = connections + 64;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::max(limit.rlim_cur, std::min(wanted, limit.rlim_max));
    if (limit.rlim_cur < wanted || ::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        fail("only " + std::to_string(limit.rlim_max) + " open files are allowed (ulimit -Hn)");
    }
}

// `use(connection, number)` with every new one; then what they cost.
json::object measure(const Appliance& appliance,
                     const ConnectionLoad& load,
                     const std::function<void(TlsConnection&, std::size_t, const TlsPeer&)>& use) {
    allow_files(load.connections);
    const TlsPeer peer(appliance.portal.api_url, appliance.portal.ca_file);
    const json::object everything;
    const auto list = peer.request("/csc/v2/credentials/list", appliance.portal.token, &everything);
    const auto server = appliance.server();
    const auto before = settled_memory(server);
    std::vector<TlsConnection> connections;
    connections.reserve(load.connections);
    const auto start = Clock::now();
    for (std::size_t i = 0; i < load.connections; ++i) {
        const std::chrono::duration<double> due(static_cast<double>(i) / load.per_second);
        std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(due));
        auto& connection = connections.emplace_back(peer);
        // Whatever it answers: it has been understood, and the connection stays.
        connection.ask(list);
        use(connection, i, peer);
        connection.rest();
    }
    const auto after = settled_memory(server);
    const auto there = std::ranges::count_if(connections, &TlsConnection::is_quiet);
    const auto each = [&](std::uint64_t from, std::uint64_t to) {
        return (static_cast<double>(to) - static_cast<double>(from)) /
               static_cast<double>(load.connections);
    };
    return {{"connections", load.connections},
            {"still_there", there},
            {"seconds", std::chrono::duration<double>(Clock::now() - start).count()},
            {"bytes_each", each(before.resident, after.resident)},
            {"heap_bytes_each", each(before.anonymous, after.anonymous)},
            {"server_bytes_before", before.resident},
            {"server_bytes_after", after.resident}};
}

}  // namespace

json::object measure_idle(const Appliance& appliance, const ConnectionLoad& load) {
    return measure(appliance, load, [](TlsConnection&, std::size_t, const TlsPeer&) {});
}

json::object measure_held(const Appliance& appliance, const ConnectionLoad& load) {
    if (appliance.people.empty()) {
        fail("nobody is enrolled who could be asked");
    }
    return measure(
        appliance, load, [&](TlsConnection& connection, std::size_t i, const TlsPeer& peer) {
            const auto& person = appliance.people[i % appliance.people.size()];
            const json::object body{{"credentialID", person.credential_id},
                                    {"numSignatures", 1},
                                    {"hash", {fresh_hash()}}};
            connection.send(
                peer.request("/csc/v1/credentials/authorize", appliance.portal.token, &body));
        });
}

}  // namespace bench
