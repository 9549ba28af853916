#include "tests/bench/service_rate.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include <boost/json.hpp>

#include "tests/bench/failure.h"
#include "tests/bench/tls_connection.h"
#include "tests/bench/usage.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if (bytes.empty()) {
        fail(path + ": cannot be read, or is empty");
    }
    return bytes;
}

std::string request_text(const TlsPeer& peer, const ServiceLoad& load) {
    const auto body = read_file(load.request_file);
    return "POST " + load.path + " HTTP/1.1\r\nHost: " + peer.host() + ":" +
           std::to_string(peer.port()) + "\r\nContent-Type: " + load.type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// An answer that is a refusal in its own words is a few bytes; what is measured carries a
// signature.
void ask(TlsConnection& connection, const std::string& request) {
    constexpr std::size_t signed_size_min = 200;
    const auto answer = connection.ask(request);
    if (answer.status != 200 || answer.body.size() < signed_size_min) {
        fail("answered HTTP " + std::to_string(answer.status) + ", " +
             std::to_string(answer.body.size()) + " bytes");
    }
}

void ask_all(const TlsPeer& peer,
             const std::string& request,
             std::size_t in_flight,
             std::size_t count) {
    std::atomic<std::size_t> begun{0};
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < in_flight; ++i) {
        workers.emplace_back([&] {
            TlsConnection connection(peer);
            while (begun++ < count) {
                ask(connection, request);
            }
        });
    }
    for (auto& worker : workers) {
        worker.join();
    }
}

}  // namespace

boost::json::object measure_service(const Appliance& appliance, const ServiceLoad& load) {
    const TlsPeer peer(appliance.portal.api_url, appliance.portal.ca_file);
    const auto request = request_text(peer, load);
    ask_all(peer, request, load.in_flight, load.in_flight * 4);
    const auto server = appliance.server();
    const auto modules = appliance.modules();
    const auto module_cpu = [&] {
        std::uint64_t total = 0;
        for (const auto module : modules) {
            total += cpu_us(module);
        }
        return total;
    };
    const auto server_before = cpu_us(server);
    const auto module_before = module_cpu();
    const auto start = Clock::now();
    ask_all(peer, request, load.in_flight, load.count);
    const auto seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const auto count = static_cast<double>(load.count);
    const auto server_us = static_cast<double>(cpu_us(server) - server_before) / count;
    const auto module_us = static_cast<double>(module_cpu() - module_before) / count;
    return {{"answers", load.count},
            {"in_flight", load.in_flight},
            {"answers_per_second", count / seconds},
            {"server_us", server_us},
            {"module_us", module_us},
            {"answer_us", server_us + module_us}};
}

}  // namespace bench
