#include <CLI/CLI.hpp>
#include <iostream>

#include "hsm/custodian/commands.h"

namespace {

using namespace hsm::custodian;  // NOLINT: the list of its commands

CLI::App* add(CLI::App& app, const char* name, const char* what, Options& options) {
    auto* command = app.add_subcommand(name, what);
    command->add_option("--key", options.key, "Your private key (PEM, 0600)")
        ->type_name("FILE")
        ->required();
    command->add_flag_callback(
        "--json", [&options] { options.form = Form::json; }, "Print JSON");
    return command;
}

void add_class(CLI::App* command, Options& options) {
    command->add_option("--class", options.assurance_class, "What the modules of this group are")
        ->type_name("software|emulated|hardware")
        ->required();
}

void add_expectation(CLI::App* command, Options& options) {
    command
        ->add_option("--root",
                     options.roots,
                     "Root of the modules' certificates (PEM), from your own hands; may be "
                     "repeated")
        ->type_name("FILE")
        ->allow_extra_args(false)
        ->required();
    add_class(command, options);
}

void add_firmware(CLI::App* command, Options& options) {
    command
        ->add_option("--firmware",
                     options.firmware,
                     "Firmware that may hold the KEK (SHA-256, 64 hexadecimal digits); may be "
                     "repeated")
        ->type_name("HEX")
        ->allow_extra_args(false)
        ->required();
}

CLI::Option* add_file(CLI::App* command,
                      const char* name,
                      std::filesystem::path& file,
                      const char* what) {
    return command->add_option(name, file, what)->type_name("FILE");
}

// The share comes out of its file or from paper.
void add_share(CLI::App* command, Options& options) {
    auto* sealed = add_file(command, "--share", options.in, "Your share as the module sealed it");
    auto* words = add_file(
        command, "--words", options.words, "Your share in words from paper; - is standard input");
    sealed->excludes(words);
    command->callback([sealed, words] {
        if (sealed->count() + words->count() != 1) {
            throw CLI::RequiredError("--share or --words");
        }
    });
}

void describe(CLI::App& app, Options& options) {
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0 done; 1 refused: do not hand out your share; 2 wrong use.\n"
        "Run it on a machine without a network. Keys and words come from files or standard input,\n"
        "never from the command line; no file is ever written over.");

    auto* keygen = add(app, "keygen", "Make your key", options);
    add_file(keygen, "--out", options.out, "Your public key, for the group's configuration");
    auto* show = add(app, "public", "Show your public key", options);
    add_file(show, "--out", options.out, "Your public key, for the group's configuration");

    auto* provision =
        add(app, "sign-provision", "Sign that a module becomes a member of your group", options);
    add_file(provision, "--in", options.in, "The module's papers")->required();
    add_file(provision, "--out", options.out, "Your signature")->required();
    add_expectation(provision, options);

    auto* change = add(app, "sign-change", "Sign another configuration of your group", options);
    add_file(change, "--in", options.in, "Both configurations")->required();
    add_file(change, "--out", options.out, "Your signature")->required();
    add_class(change, options);

    auto* words = add(app, "words", "Open your share and print it as words, for paper", options);
    add_file(words, "--share", options.in, "Your share as the module sealed it")->required();
    add_expectation(words, options);
    add_firmware(words, options);

    auto* reseal = add(app, "reseal", "Seal your share to a module that asks for it", options);
    add_share(reseal, options);
    add_file(reseal, "--for", options.to, "The ceremony of the module that asks")->required();
    add_file(reseal, "--out", options.out, "Your share, sealed to it")->required();
    reseal->add_flag("--no-live-member",
                     options.no_live_member,
                     "State that no module of the group lives any more: the new one then starts "
                     "without knowing what was revoked");
    add_expectation(reseal, options);
    add_firmware(reseal, options);
}

Outcome<void> run(const CLI::App& app, const Options& options) {
    if (app.got_subcommand("keygen")) {
        return keygen(options);
    }
    if (app.got_subcommand("public")) {
        return show_public(options);
    }
    if (app.got_subcommand("sign-provision")) {
        return sign_provision(options);
    }
    if (app.got_subcommand("sign-change")) {
        return sign_change(options);
    }
    return app.got_subcommand("words") ? show_words(options) : reseal(options);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A custodian's offline tool: keeps one share of a Kyso group's KEK.",
                 "kyso-custodian");
    Options options;
    describe(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_done : exit_usage;
    }
    const auto done = run(app, options);
    if (!done) {
        std::cerr << "kyso-custodian: " << done.error().text << "\n";
        return done.error().code;
    }
    return exit_done;
}
