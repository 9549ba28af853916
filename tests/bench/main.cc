#include <CLI/CLI.hpp>
#include <cstdio>

#include <boost/json.hpp>

#include "tests/bench/bulk_enrolment.h"
#include "tests/bench/connection_memory.h"
#include "tests/bench/engine_rate.h"
#include "tests/bench/failure.h"
#include "tests/bench/flow_rate.h"
#include "tests/bench/growth.h"
#include "tests/bench/pdf_signing.h"
#include "tests/bench/pending_memory.h"
#include "tests/bench/service_rate.h"
#include "tests/bench/usage.h"

// One measurement a call, as one line of JSON; ci/bench arranges, repeats and judges.
namespace bench {
namespace {

namespace json = boost::json;

struct Options {
    std::string key = "p256";
    std::string appliance;
    std::string folder;
    std::string seed;
    EngineToken token;
    std::size_t count = 1000;
    std::size_t in_flight = 16;
    std::size_t warm_up = 0;
    std::size_t first = 0;
    ConnectionLoad load;
    ServiceLoad service;
    double rate = 100;
    double seconds = 10;
};

void print(const json::object& result) {
    std::printf("%s\n", json::serialize(result).c_str());
}

void run_engine(const Options& options) {
    const auto rate =
        measure_engine(options.token, key_named(options.key), static_cast<unsigned>(options.count));
    print({{"bare_us", rate.bare_us},
           {"verify_us", rate.verify_us},
           {"sign_us", rate.sign_us},
           {"receipt_us", rate.receipt_us}});
}

void run_pades(const Options& options) {
    const auto measured = measure_pdf_signing(static_cast<unsigned>(options.count));
    print({{"prepare_us", measured.prepare_us},
           {"complete_us", measured.complete_us},
           {"intake_us", measured.intake_us},
           {"hash_us", measured.hash_us},
           {"parse_us", measured.parse_us},
           {"file_size", measured.file_size}});
}

void run_sync(const Options& options) {
    print({{"p99_us", raw_sync_p99_us(options.folder)}});
}

void run_subscribe(const Options& options) {
    if (options.first + options.count > Population::size_max + 1) {
        fail("--first and --count: subscribers are numbered up to " +
             std::to_string(Population::size_max));
    }
    const BulkOrder order{options.folder,
                          Population(options.seed, options.first + options.count),
                          options.first,
                          options.count};
    const auto rate = enrol_in_bulk(order);
    print({{"subscribers", options.count},
           {"seconds", rate.seconds},
           {"per_second", static_cast<double>(options.count) / rate.seconds},
           {"cpu_us_each", rate.cpu_us_each}});
}

FlowCrew crew_of(const Appliance& appliance, const Options& options, std::size_t flows) {
    return {appliance, key_named(options.key), options.in_flight, flows};
}

void run_flow(const Options& options) {
    const auto appliance = open_appliance(options.appliance);
    auto crew = crew_of(appliance, options, options.count);
    print(measure_flow(appliance, crew, options.count));
}

void run_open(const Options& options) {
    const auto appliance = open_appliance(options.appliance);
    const auto flows = static_cast<std::size_t>(options.rate * options.seconds);
    auto crew = crew_of(appliance, options, flows);
    print(measure_open(crew, options.rate, options.seconds));
}

void run_growth(const Options& options) {
    const auto appliance = open_appliance(options.appliance);
    auto crew = crew_of(appliance, options, options.count);
    print(measure_growth(appliance, crew, options.count));
}

void run_pending(const Options& options) {
    const auto appliance = open_appliance(options.appliance);
    auto crew = crew_of(appliance, options, options.count);
    print(measure_pending(appliance, crew, options.warm_up, options.count));
}

void run_idle(const Options& options) {
    print(measure_idle(open_appliance(options.appliance), options.load));
}

void run_held(const Options& options) {
    print(measure_held(open_appliance(options.appliance), options.load));
}

void run_service(Options options) {
    options.service.in_flight = options.in_flight;
    options.service.count = options.count;
    print(measure_service(open_appliance(options.appliance), options.service));
}

const CLI::Range some(std::size_t{1}, std::size_t{100'000'000});

CLI::App* add(CLI::App& app,
              const char* name,
              const char* description,
              void (*run)(const Options&),
              const Options& options) {
    auto* command = app.add_subcommand(name, description);
    command->callback([run, &options] { run(options); });
    return command;
}

void add_all(CLI::App& app, Options& options) {
    auto* engine =
        add(app, "engine", "the engine's raw work for one signature", run_engine, options);
    engine->add_option("--configuration", options.token.configuration)->required();
    engine->add_option("--label", options.token.label)->required();
    engine->add_option("--lock", options.token.lock)->required();
    engine->add_option("--pin-file", options.token.pin_file)->required();
    auto* pades = add(app, "pades", "a PDF's signature and its parts", run_pades, options);
    auto* sync = add(app, "sync", "a raw durable write", run_sync, options);
    sync->add_option("--folder", options.folder)->required()->check(CLI::ExistingDirectory);
    auto* subscribe =
        add(app, "subscribe", "enrol subscribers in a stopped appliance", run_subscribe, options);
    subscribe->add_option("--data", options.folder)->required()->check(CLI::ExistingDirectory);
    subscribe->add_option("--seed", options.seed)->required();
    subscribe->add_option("--first", options.first, "number of the first")->required();

    auto* flow = add(app, "flow", "the whole flow, closed loop", run_flow, options);
    auto* open = add(app, "open", "the whole flow at a fixed rate", run_open, options);
    auto* growth = add(app, "growth", "memory over many flows", run_growth, options);
    auto* pending = add(app, "pending", "memory per waiting approval", run_pending, options);
    auto* idle = add(app, "idle", "memory per idle TLS connection", run_idle, options);
    auto* held = add(app, "held", "memory per v1 authorize in waiting", run_held, options);
    auto* service = add(
        app,
        "service",
        "answers to relying parties",
        [](const Options& given) { run_service(given); },
        options);
    service->add_option("--path", options.service.path)->required();
    service->add_option("--type", options.service.type, "Content-Type")->required();
    service->add_option("--request", options.service.request_file)->required();
    for (auto* command : {flow, open, growth, pending, idle, held, service}) {
        command->add_option("--appliance", options.appliance, "its description")->required();
    }
    for (auto* command : {engine, flow, open, growth, pending}) {
        command->add_option("--key", options.key)->check(CLI::IsMember({"p256", "rsa2048"}));
    }
    for (auto* command : {flow, open, growth, pending, service}) {
        command->add_option("--in-flight", options.in_flight)->check(some);
    }
    for (auto* command : {engine, pades, subscribe, flow, growth, pending, service}) {
        command->add_option("--count", options.count)->check(some);
    }
    pending->add_option("--warm-up", options.warm_up);
    open->add_option("--rate", options.rate, "flows a second")->check(CLI::Range(0.1, 1e6));
    open->add_option("--seconds", options.seconds)->check(CLI::Range(0.1, 1e6));
    for (auto* command : {idle, held}) {
        command->add_option("--connections", options.load.connections)->required()->check(some);
        command->add_option("--per-second", options.load.per_second)->check(CLI::Range(0.1, 1e6));
    }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    CLI::App app("Measures one thing and prints it as JSON. Used by ci/bench.");
    app.require_subcommand(1);
    bench::Options options;
    bench::add_all(app, options);
    CLI11_PARSE(app, argc, argv);
    return 0;
}
