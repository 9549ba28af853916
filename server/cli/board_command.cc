#include <iostream>

#include "server/cli/board_hosts.h"
#include "server/cli/ceremony_module.h"
#include "server/cli/files.h"

// What a board, which has no files, is told over its line.
namespace server::cli {
namespace {

using hsm::client::after;
using hsm::client::Psk;
using hsm::client::Session;

struct Options {
    std::string module;
    std::string psk;
    std::string secret;
    std::vector<std::string> hosts;
};

Outcome<int> hosts(const Options& options) {
    const auto endpoint = hsm::client::parse_endpoint(options.module);
    if (!endpoint) {
        return usage_failure("\"" + options.module + "\" is no address of a module");
    }
    std::vector<Psk> psks;
    for (const auto& file : options.hosts) {
        auto psk = hsm::client::load_psk(file);
        if (!psk) {
            return usage_failure(file + ": is no PSK file");
        }
        psks.push_back(*std::move(psk));
    }
    std::vector<const Psk*> told;
    for (const auto& psk : psks) {
        told.push_back(&psk);
    }
    // Without an operator nobody could ever unlock it.
    if (std::ranges::none_of(
            psks, [](const Psk& psk) { return psk.role == hsm::protocol::Role::operating; })) {
        return usage_failure("one of the hosts has to be an operator");
    }
    const auto stranger = bring_up_psk();
    auto session = Session::connect(*endpoint, stranger, after(ceremony_patience));
    if (!session) {
        return refused(session.error() == hsm::Status::handshake_failed
                           ? "the board has its hosts already (kyso module bringup says more)"
                           : "the board does not answer (kyso module bringup says why)",
                       session.error());
    }
    const auto installed = install_hosts(*session, told, after(ceremony_patience));
    if (!installed) {
        return refused("the board takes no hosts", installed.error());
    }
    session->close();
    std::cout << told.size() << " hosts, and nobody else any more\n";
    return exit_done;
}

Outcome<int> unlock(const Options& options) {
    constexpr std::size_t secret_size_max = 1024;
    TRY_ASSIGN(auto secret, read_file(options.secret, secret_size_max));
    while (!secret.empty() && secret.back() == '\n') {
        secret.pop_back();
    }
    // What a board takes for one; SoftHSM's PIN is another matter.
    constexpr std::size_t unlock_secret_size_min = 32;
    constexpr std::size_t unlock_secret_size_max = 64;
    if (secret.size() < unlock_secret_size_min || secret.size() > unlock_secret_size_max) {
        return usage_failure(options.secret +
                             ": an unlock secret has 32 to 64 bytes, as openssl "
                             "rand -hex 32 makes them");
    }
    TRY_ASSIGN(auto session, connect(options.module, options.psk));
    const auto unlocked =
        ask(session, "it is not unlocked", hsm::protocol::UnlockRequest{hsm::view_of(secret)});
    hsm::base::zeroize({reinterpret_cast<hsm::Byte*>(secret.data()), secret.size()});
    if (!unlocked) {
        return unlocked.error();
    }
    TRY_ASSIGN(const auto info, ask(session, "it says nothing", hsm::protocol::GetInfoRequest{}));
    session.close();
    std::cout << state_name(info->state) << "\n";
    return exit_done;
}

void add_module_option(CLI::App& command, Options& options) {
    command
        .add_option("--module",
                    options.module,
                    "serial:/dev/ttyACM0, uart+unix:PATH, or kyso-uart's socket")
        ->type_name("ADDRESS")
        ->required();
}

}  // namespace

void add_board_commands(CLI::App& module, Action& chosen) {
    const auto options = std::make_shared<Options>();
    auto* tell = module.add_subcommand(
        "hosts", "Tell a board out of its box who may speak to it: once, all of them");
    add_module_option(*tell, *options);
    tell->add_option("PSK", options->hosts, "Each host's <identity>.psk")
        ->type_name("FILE")
        ->required()
        ->expected(1, hsm::protocol::hosts_max);
    tell->callback([options, &chosen] { chosen = [options] { return hosts(*options); }; });

    auto* open = module.add_subcommand(
        "unlock", "Open a board's keys, after each start; the first time this makes the secret");
    add_module_option(*open, *options);
    open->add_option("--psk", options->psk, "The operator's PSK file")
        ->type_name("FILE")
        ->required();
    open->add_option("--secret-file", options->secret, "The unlock secret, 32 to 64 bytes")
        ->type_name("FILE")
        ->required();
    open->callback([options, &chosen] { chosen = [options] { return unlock(*options); }; });
}

}  // namespace server::cli
