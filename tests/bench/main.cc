#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <thread>
#include <unistd.h>

#include <boost/json.hpp>

#include "tests/bench/engine_rate.h"
#include "tests/bench/person.h"
#include "tests/bench/usage.h"

// One measurement a call, as one line of JSON; ci/bench arranges, repeats and judges.
namespace bench {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using hsm::protocol::KeyType;

// What ci/bench has set up: see write_appliance() there.
struct Appliance {
    Portal portal;
    pid_t up_pid = 0;
    std::vector<std::unique_ptr<Person>> people;

    std::vector<pid_t> servers() const { return children_named(up_pid, "kyso-server"); }
    std::vector<pid_t> modules() const { return children_named(up_pid, "kyso-module"); }
};

std::string read_file(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

KeyType key_named(const std::string& name) {
    return name == "rsa2048" ? KeyType::rsa2048 : KeyType::p256;
}

// With connections of their own, but the bearer of `portal`.
std::vector<std::unique_ptr<Person>> open_people(const json::value& description,
                                                 const Portal& portal,
                                                 const std::string& key,
                                                 std::size_t people_max) {
    std::vector<std::unique_ptr<Person>> people;
    for (const auto& person : description.at("people").as_array()) {
        if (person.at("key").as_string() == key && people.size() < people_max) {
            people.push_back(
                std::make_unique<Person>(portal,
                                         std::string(person.at("phone").as_string()),
                                         std::string(person.at("credential_id").as_string())));
        }
    }
    if (people.empty()) {
        std::fprintf(stderr, "kyso-bench: nobody has a %s key\n", key.c_str());
        std::exit(1);
    }
    return people;
}

std::unique_ptr<Appliance> open_appliance(const json::value& description,
                                          const std::string& key,
                                          std::size_t people_max) {
    const auto text = [&](std::string_view name) {
        return std::string(description.at(name).as_string());
    };
    auto appliance = std::make_unique<Appliance>();
    appliance->portal = {text("api_url"), text("approve_url"), text("ca_file"), ""};
    appliance->portal.token =
        fetch_token(text("api_url"), text("ca_file"), text("client_id"), text("client_secret"));
    appliance->up_pid = static_cast<pid_t>(description.at("up_pid").as_int64());
    appliance->people = open_people(description, appliance->portal, key, people_max);
    return appliance;
}

std::uint64_t total_cpu_us(const std::vector<pid_t>& processes) {
    std::uint64_t total = 0;
    for (const auto process : processes) {
        total += cpu_us(process);
    }
    return total;
}

void print(const json::object& result) {
    std::printf("%s\n", json::serialize(result).c_str());
}

// Closed loop: every person signs as often as asked, all at once.
void measure_flow(Appliance& appliance, KeyType type, unsigned flows) {
    const auto servers = appliance.servers();
    const auto modules = appliance.modules();
    std::vector<std::vector<double>> samples(appliance.people.size());
    for (auto& person : appliance.people) {
        person->sign_once(type);  // connections and caches are warm afterwards
    }
    const auto server_before = total_cpu_us(servers);
    const auto module_before = total_cpu_us(modules);
    const auto start = Clock::now();
    std::atomic<unsigned> left = flows;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < appliance.people.size(); ++i) {
        threads.emplace_back([&, i] {
            while (left.fetch_sub(1) - 1 < flows) {
                samples[i].push_back(appliance.people[i]->sign_once(type));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    const auto seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::vector<double> all;
    for (const auto& one : samples) {
        all.insert(all.end(), one.begin(), one.end());
    }
    const auto count = static_cast<double>(all.size());
    const auto server_us = static_cast<double>(total_cpu_us(servers) - server_before) / count;
    const auto module_us = static_cast<double>(total_cpu_us(modules) - module_before) / count;
    print({{"flows", all.size()},
           {"in_flight", appliance.people.size()},
           {"flows_per_second", count / seconds},
           {"server_us", server_us},
           {"module_us", module_us},
           {"flow_us", server_us + module_us},
           {"sign_hash_p50_us", quantile(all, 0.5)},
           {"sign_hash_p99_us", quantile(all, 0.99)}});
}

// Open loop: flows begin at a fixed rate whatever happened to those before.
void measure_open(Appliance& appliance, KeyType type, double rate, double seconds) {
    std::vector<std::vector<double>> samples(appliance.people.size());
    for (auto& person : appliance.people) {
        person->sign_once(type);
    }
    const auto flows = static_cast<unsigned>(rate * seconds);
    const auto start = Clock::now();
    std::atomic<unsigned> next = 0;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < appliance.people.size(); ++i) {
        threads.emplace_back([&, i] {
            for (unsigned n = next++; n < flows; n = next++) {
                std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(
                                                          std::chrono::duration<double>(n / rate)));
                samples[i].push_back(appliance.people[i]->sign_once(type));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    const auto took = std::chrono::duration<double>(Clock::now() - start).count();
    std::vector<double> all;
    for (const auto& one : samples) {
        all.insert(all.end(), one.begin(), one.end());
    }
    print({{"flows", all.size()},
           {"flows_per_second", static_cast<double>(all.size()) / took},
           {"sign_hash_p50_us", quantile(all, 0.5)},
           {"sign_hash_p99_us", quantile(all, 0.99)}});
}

// Memory of the server for requests that are held open for the phone, and for transactions that
// nobody waits for.
void measure_memory(const Appliance& appliance,
                    const json::value& description,
                    const std::string& key,
                    unsigned held,
                    unsigned pending) {
    const auto server = appliance.servers().at(0);
    const auto before = resident_bytes(server);
    for (unsigned i = 0; i < pending; ++i) {
        appliance.people[i % appliance.people.size()]->authorize_pending();
    }
    const auto after_pending = resident_bytes(server);
    std::vector<std::vector<std::unique_ptr<Person>>> holders;
    std::vector<std::thread> threads;
    std::atomic<unsigned> asking = 0;
    while (threads.size() < held) {
        holders.push_back(open_people(description, appliance.portal, key, held - threads.size()));
        for (auto& person : holders.back()) {
            threads.emplace_back([&asking, &person] {
                ++asking;
                person->authorize_held();
            });
        }
    }
    // All have asked, and the server's memory has stopped growing.
    std::uint64_t last = 0;
    for (int quiet = 0; quiet < 3 || asking < held;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        const auto now = resident_bytes(server);
        quiet = now == last ? quiet + 1 : 0;
        last = now;
    }
    print({{"held", held},
           {"held_bytes_each",
            (static_cast<double>(last) - static_cast<double>(after_pending)) / held},
           {"pending", pending},
           {"pending_bytes_each",
            (static_cast<double>(after_pending) - static_cast<double>(before)) / pending}});
    std::fflush(stdout);
    ::_exit(0);  // the held requests are dropped, not waited for
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    CLI::App options("Measures one thing and prints it as JSON. Used by ci/bench.");
    options.require_subcommand(1);
    std::string key = "p256";
    std::string file;
    std::string folder = ".";
    unsigned count = 1000;
    unsigned in_flight = 16;
    unsigned held = 200;
    unsigned pending = 2000;
    double rate = 100;
    double seconds = 10;
    bench::EngineToken token;

    auto* engine = options.add_subcommand("engine", "the engine's raw work for one signature");
    engine->add_option("--configuration", token.configuration)->required();
    engine->add_option("--label", token.label)->required();
    engine->add_option("--lock", token.lock)->required();
    engine->add_option("--pin-file", token.pin_file)->required();
    auto* flow = options.add_subcommand("flow", "the whole flow, closed loop");
    auto* open = options.add_subcommand("open", "the whole flow at a fixed rate");
    auto* memory = options.add_subcommand("memory", "the server's memory per waiting approval");
    auto* sync = options.add_subcommand("sync", "a raw durable write");
    for (auto* command : {engine, flow, open, memory}) {
        command->add_option("--key", key);
        command->add_option("--count", count);
    }
    for (auto* command : {flow, open, memory}) {
        command->add_option("--appliance", file)->required();
        command->add_option("--in-flight", in_flight);
    }
    open->add_option("--rate", rate);
    open->add_option("--seconds", seconds);
    memory->add_option("--held", held);
    memory->add_option("--pending", pending);
    sync->add_option("--folder", folder);
    CLI11_PARSE(options, argc, argv);

    const auto type = bench::key_named(key);
    if (engine->parsed()) {
        const auto measured = bench::measure_engine(token, type, count);
        bench::print({{"bare_us", measured.bare_us},
                      {"verify_us", measured.verify_us},
                      {"sign_us", measured.sign_us},
                      {"receipt_us", measured.receipt_us}});
        return 0;
    }
    if (sync->parsed()) {
        bench::print({{"p99_us", bench::raw_sync_p99_us(folder)}});
        return 0;
    }
    const auto description = boost::json::parse(bench::read_file(file));
    auto appliance = bench::open_appliance(description, key, in_flight);
    if (flow->parsed()) {
        bench::measure_flow(*appliance, type, count);
    } else if (open->parsed()) {
        bench::measure_open(*appliance, type, rate, seconds);
    } else {
        bench::measure_memory(*appliance, description, key, held, pending);
    }
    return 0;
}
