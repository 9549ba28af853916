#include <cstdio>
#include <cstring>

#include "board/host/clock.h"
#include "board/host/engine_choice.h"
#include "board/host/event_loop.h"
#include "board/host/log.h"
#include "board/host/process.h"
#include "board/host/psk_folder.h"
#include "board/host/secret_file.h"
#include "board/host/store.h"
#include "firmware/engine/psa/initialize.h"

namespace {

using board::host::LogLevel;
using board::host::LogLine;
using board::host::Setup;
using board::host::SetupError;
using hsm::base::status_name;

constexpr std::string_view usage =
    "usage: kyso-module --config FILE [--user NAME | --make-token]\n"
    "\n"
    "Kyso's cryptographic module as a Linux process. Serves the unix socket that the TOML file\n"
    "names, until SIGTERM; reads the hosts' keys again at SIGHUP. Log: JSON lines on stderr.\n"
    "\n"
    "  --config FILE  settings (board/host/README.md lists them)\n"
    "  --user NAME    become this user once everything is open; only root can\n"
    "  --make-token   make the engine's token, with the PIN of pin_file, if there is none; serve "
    "nothing\n"
    "  --help         this text\n";

struct Arguments {
    std::string config;
    std::string user;
    bool make_token = false;
    bool help = false;
};

Setup<Arguments> parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--help") {
            arguments.help = true;
        } else if (name == "--make-token") {
            arguments.make_token = true;
        } else if ((name == "--config" || name == "--user") && i + 1 < argc) {
            (name == "--config" ? arguments.config : arguments.user) = argv[++i];
        } else {
            return SetupError{"unknown or incomplete argument " + std::string(name) +
                              " (see --help)"};
        }
    }
    if (arguments.config.empty() && !arguments.help) {
        return SetupError{"--config FILE is missing (see --help)"};
    }
    return arguments;
}

// The unlock secret without the end of its line; nothing when the settings name none.
Setup<hsm::Secret<80>> read_pin(const std::filesystem::path& file) {
    if (file.empty()) {
        return hsm::Secret<80>();
    }
    TRY_ASSIGN(auto pin, board::host::read_secret_file<80>(file));
    if (hsm::text_of(pin.reveal()).ends_with('\n')) {
        pin.resize(pin.size() - 1);
    }
    if (pin.size() == 0 || pin.size() > 64) {
        return SetupError{file.string() + ": must hold 1 to 64 bytes"};
    }
    return pin;
}

// What is wrong there leaves the hosts as they were.
void read_hosts_again(const std::filesystem::path& folder, firmware::channel::HostTable& hosts) {
    firmware::channel::HostTable wanted;
    if (const auto loaded = board::host::load_psk_folder(folder, wanted); !loaded) {
        LogLine(LogLevel::error, "hosts not read again").text("reason", loaded.error().text);
        return;
    }
    const auto replaced = hosts.replace(wanted);
    if (!replaced) {
        LogLine(LogLevel::error, "hosts not read again")
            .text("reason", status_name(replaced.error()));
        return;
    }
    LogLine(LogLevel::info, "hosts read again")
        .number("hosts", static_cast<std::int64_t>(wanted.size()));
}

template <class T>
hsm::MutableBytes memory_of(T& object) {
    return {reinterpret_cast<hsm::Byte*>(&object), sizeof(object)};
}

// A store or an engine that fails is not the end: the module says `failed` to whoever asks.
Setup<void> start_module(firmware::app::Module& module, hsm::ByteView pin) {
    if (const auto started = module.start(); !started) {
        LogLine(LogLevel::error, "module failed")
            .text("reason", status_name(started.error()))
            .text("self_test", module.failed_self_test());
        return {};
    }
    if (pin.empty()) {
        LogLine(LogLevel::info, "module locked");
        return {};
    }
    const auto unlocked = module.unlock(pin);
    if (!unlocked) {
        return SetupError{std::string("the engine cannot be unlocked with pin_file: ") +
                          std::string(status_name(unlocked.error()))};
    }
    return {};
}

Setup<void> run(const Arguments& arguments) {
    using namespace board::host;  // NOLINT: the composition of this folder's parts

    TRY_ASSIGN(auto config, load_config(arguments.config));
    protect_process();
    if (arguments.make_token) {
        TRY_ASSIGN(const auto new_pin, read_pin(config.pin_file));
        return make_token(config, new_pin.reveal());
    }
    TRY_ASSIGN(const Descriptor signals, open_signals());
    static firmware::channel::HostTable hosts;
    wipe_on_broken_invariant(memory_of(hosts));
    TRY(load_psk_folder(config.psk_folder, hosts));
    TRY_ASSIGN(auto pin, read_pin(config.pin_file));
    TRY_ASSIGN(const auto firmware_hash, hash_of_program());
    TRY_ASSIGN(const auto store, Store::open(config.store));
    TRY_ASSIGN(const auto listener, Listener::open(config));
    const auto& user = arguments.user.empty() ? config.user : arguments.user;
    if (!user.empty()) {
        TRY(become_user(user));
    }

    if (!firmware::engine::psa::initialize()) {
        return SetupError{"the random generator cannot be seeded"};
    }
    TRY_ASSIGN(const auto choice, choose_engine(config));
    BoottimeClock clock;
    const bool own_uid = config.server_uid && *config.server_uid != ::geteuid();
    const auto module = std::make_unique<firmware::app::Module>(
        firmware::app::Ports{choice->engine(), store->log_store(), clock},
        firmware::app::Settings{
            firmware_hash,
            config.assurance_class,
            own_uid ? firmware::app::Separation::own_uid : firmware::app::Separation::shared_uid});
    wipe_on_broken_invariant(memory_of(*module));
    TRY(start_module(*module, pin.reveal()));
    pin.clear();

    const firmware::channel::TlsServer server(hosts);
    LogLine(LogLevel::info, "serving")
        .text("socket", config.socket.string())
        .text("engine", choice->engine().name())
        .number("state", static_cast<std::int64_t>(module->state()))
        .number("own_uid", own_uid ? 1 : 0);
    const auto read_hosts = [&] { read_hosts_again(config.psk_folder, hosts); };
    EventLoop(*module, server, clock, listener, signals.get(), read_hosts).run();
    LogLine(LogLevel::info, "stopped");
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = parse(argc, argv);
    if (arguments && arguments->help) {
        std::fwrite(usage.data(), 1, usage.size(), stdout);
        return 0;
    }
    const auto done = arguments ? run(*arguments) : Setup<void>(arguments.error());
    if (!done) {
        std::fprintf(stderr, "kyso-module: %s\n", done.error().text.c_str());
        return 2;
    }
    return 0;
}
