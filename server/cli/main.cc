#include <csignal>
#include <exception>
#include <iostream>

#include "hsm/softphone/printable.h"
#include "server/cli/commands.h"

namespace {

// A word that names no command; the library asks for a command before it says so.
std::string unknown_command(const CLI::App& app) {
    const CLI::App* asked = &app;
    while (!asked->get_subcommands().empty()) {
        asked = asked->get_subcommands().front();
    }
    const auto rest = asked->remaining();
    return rest.empty() || rest.front().starts_with('-') ? "" : rest.front();
}

}  // namespace

int main(int argc, char** argv) {
    using namespace server::cli;  // NOLINT: the list of its commands

    // A write beyond RLIMIT_FSIZE is answered with EFBIG, which is told; by default the process
    // ends.
    std::signal(SIGXFSZ, SIG_IGN);
    CLI::App app("Runs and administers one Kyso appliance, and signs as a portal does.", "kyso");
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0 done; 1 refused, not verified or not reachable; 2 wrong use; 3 signed, "
        "but\n"
        "not yet at the level asked for.\n"
        "Secrets are read from a file, from the environment or at a prompt, never from the\n"
        "command line.");
    Action chosen;
    add_up(app, chosen);
    add_client(app, chosen);
    add_config(app, chosen);
    add_signer(app, chosen);
    add_credential(app, chosen);
    add_module(app, chosen);
    add_audit(app, chosen);
    add_receipt(app, chosen);
    add_sign(app, chosen);
    add_document(app, chosen);
    add_verify(app, chosen);
    add_root(app, chosen);
    add_ceremony(app, chosen);
    add_firmware(app, chosen);
    add_push_key(app, chosen);
    add_token_key(app, chosen);
    add_service(app, chosen);
    add_cmp(app, chosen);
    add_notice(app, chosen);
    add_office(app, chosen);
    add_officer(app, chosen);
    add_webhook(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError& error) {
        const auto word = unknown_command(app);
        if (word.empty()) {
            app.exit(error);
        } else {
            std::cerr << "kyso: there is no command " << hsm::softphone::printable(word)
                      << "\nRun with --help for more information.\n";
        }
        return exit_usage;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_done : exit_usage;
    }
    try {
        const auto code = chosen();
        if (code) {
            return *code;
        }
        std::cerr << "kyso: " << hsm::softphone::printable(code.error().text) << "\n";
        return code.error().code;
    } catch (const std::exception& error) {
        std::cerr << "kyso: " << error.what() << "\n";
        return exit_failed;
    }
}
