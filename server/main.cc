#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include "server/app/app.h"
#include "server/app/log.h"

int main(int argc, char** argv) {
    constexpr int usage_error = 2;
    std::filesystem::path data;
    std::filesystem::path log_file;
    CLI::App options("Serves the CSC API, the phones and the operator of one Kyso appliance.");
    options.add_option("--data", data, "folder with kyso.toml, as `kyso up` has made it")
        ->required();
    options.add_option(
        "--log", log_file, "file for the log (JSON lines); standard error without it");
    try {
        options.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return options.exit(error) == 0 ? 0 : usage_error;
    }

    const auto config = server::config::load_config(data);
    if (!config) {
        std::fprintf(stderr, "kyso-server: %s\n", config.error().c_str());
        return usage_error;
    }
    try {
        server::app::start_log(log_file);
    } catch (const spdlog::spdlog_ex& error) {
        std::fprintf(stderr, "kyso-server: %s\n", error.what());
        return usage_error;
    }
    // A file that may not grow is an error of that write, not the end of the server.
    std::signal(SIGXFSZ, SIG_IGN);
    // scrypt's 16 MB go back to the system after each use, and a heap that a busy second has grown
    // is not cut down and grown again a thousand times.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 8 << 20);
    auto app = server::app::App::create(*config);
    if (!app) {
        std::fprintf(stderr, "kyso-server: %s\n", app.error().c_str());
        return 1;
    }
    (*app)->run();
    return 0;
}
