#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <map>

#include "hsm/softphone/commands.h"

namespace {

using hsm::softphone::Answer;
using hsm::softphone::ApproveOptions;
using hsm::softphone::CommonOptions;
using hsm::softphone::ConnectOptions;
using hsm::softphone::Consent;
using hsm::softphone::EnrolOptions;
using hsm::softphone::Form;
using hsm::softphone::JoinOptions;
using hsm::softphone::MoveOptions;
using hsm::softphone::OfficerOptions;
using hsm::softphone::Refusal;

std::filesystem::path default_store() {
    if (const char* named = std::getenv("KYSO_PHONE_STORE"); named != nullptr && *named != '\0') {
        return named;
    }
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr ? home : ".") / ".config/kyso/phone.json";
}

CLI::App* add_command(CLI::App& app,
                      const std::string& name,
                      const std::string& description,
                      CommonOptions& common) {
    auto* command = app.add_subcommand(name, description);
    command
        ->add_option("--store",
                     common.store,
                     "The phone's file (default: $KYSO_PHONE_STORE, else "
                     "~/.config/kyso/phone.json)")
        ->type_name("FILE");
    command->add_flag_callback(
        "--json", [&common] { common.form = Form::json; }, "Print JSON");
    return command;
}

void add_id(CLI::App* command, std::string& id) {
    command->add_option("ID", id, "Of the transaction, as `pending` lists it")
        ->type_name("")
        ->required();
}

// The options that CLI11 fills in.
struct Arguments {
    CommonOptions common;
    EnrolOptions enrol;
    OfficerOptions officer;
    ConnectOptions connect;
    ApproveOptions approve;
    JoinOptions join;
    MoveOptions move;
    std::string id;
    Answer answer = Answer::none;
    std::string link;
    bool all = false;
    bool yes = false;
};

void describe(CLI::App& app, Arguments& arguments) {
    auto& common = arguments.common;
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0 done; 1 refused, not reachable or nothing to do; 2 wrong use.\n"
        "What an item asks for is computed here, from what is shown; the server's word for a\n"
        "hash is never taken.");

    auto* enrol = add_command(app, "enrol", "Make a passkey and enrol it", common);
    enrol
        ->add_option("--link",
                     arguments.enrol.link,
                     "The enrolment link of the registration office; - reads it from standard "
                     "input")
        ->type_name("URL")
        ->required();
    enrol->add_option("--name", arguments.enrol.name, "What the office shall call this phone")
        ->type_name("NAME")
        ->default_str("kyso-phone");
    enrol
        ->add_option(
            "--ca", arguments.enrol.ca_file, "Believe only this certificate authority (PEM)")
        ->type_name("FILE");

    auto* officer = add_command(
        app, "officer", "Make an officer's passkey for a group that is yet to be made", common);
    officer->add_option("--rp-id", arguments.officer.rp_id, "The group's rp_id, a host")
        ->type_name("HOST")
        ->required();
    officer->add_option("--origin", arguments.officer.origin, "The group's origin")
        ->type_name("URL")
        ->required();
    officer->add_option("--person", arguments.officer.person, "Whose it is, in the group's plan")
        ->type_name("NUMBER")
        ->check(CLI::Range(1, 255));

    auto* connect =
        add_command(app,
                    "connect",
                    "Connect an officer's phone to the server, once the modules know it",
                    common);
    connect
        ->add_option("--link",
                     arguments.connect.link,
                     "The link of `kyso officer add`; - reads it from standard input")
        ->type_name("URL")
        ->required();
    connect
        ->add_option(
            "--ca", arguments.connect.ca_file, "Believe only this certificate authority (PEM)")
        ->type_name("FILE");

    auto* join = add_command(
        app, "join", "Make a passkey and take an old phone's place, which has to agree", common);
    join->add_option("--server", arguments.join.server, "The address of the approve app")
        ->type_name("URL")
        ->required();
    join->add_option("--name", arguments.join.name, "What the old phone shall show of this one")
        ->type_name("NAME")
        ->default_str("kyso-phone");
    join->add_option(
            "--ca", arguments.join.ca_file, "Believe only this certificate authority (PEM)")
        ->type_name("FILE");
    join->add_option("--wait",
                     arguments.join.wait_seconds,
                     "Wait so long until the old phone agrees, and answer it")
        ->type_name("SECONDS")
        ->check(CLI::Range(0, 86400));
    join->add_flag("-y,--yes", arguments.yes, "Do not ask");

    auto* move =
        add_command(app, "move", "Let a new phone that shows this take this one's place", common);
    auto* move_link = move->add_option("--link", arguments.move.link, "The link in its QR code")
                          ->type_name("URL");
    move->add_option("--code", arguments.move.code, "Its short code, as it is read on its screen")
        ->type_name("CODE")
        ->excludes(move_link);
    move->add_flag("-y,--yes", arguments.yes, "Do not ask");

    add_command(app, "pending", "List what waits for this phone, checked", common);
    add_id(add_command(app, "show", "Show one transaction, with its receipts", common),
           arguments.id);

    add_command(app, "start", "Open what a screen shows as a QR code", common)
        ->add_option("--link", arguments.link, "The link in the QR code")
        ->type_name("URL")
        ->required();

    auto* approve = add_command(app, "approve", "Check, show and approve", common);
    auto* ids = approve->add_option("ID", arguments.approve.ids, "Of the transactions to approve")
                    ->type_name("");
    approve->add_flag("--all", arguments.all, "Everything that is pending")->excludes(ids);
    approve
        ->add_option("--wait", arguments.approve.wait_seconds, "Wait so long until it is pending")
        ->type_name("SECONDS")
        ->check(CLI::Range(0, 86400));
    approve
        ->add_option("--number",
                     arguments.approve.number,
                     "The number on the screen, where it has to be typed; a wrong one ends it")
        ->type_name("NN");
    approve->add_flag(
        "-y,--yes", arguments.yes, "Do not ask; what only a person can judge is then refused");

    add_command(
        app, "watch", "Answer everything by a rule until stopped: the sandbox's phone", common)
        ->add_option("--answer", arguments.answer, "The rule")
        ->transform(CLI::Transformer(std::map<std::string, Answer>{{"approve", Answer::approve},
                                                                   {"reject", Answer::reject},
                                                                   {"not-mine", Answer::not_mine},
                                                                   {"none", Answer::none}}))
        ->type_name("approve|reject|not-mine|none")
        ->required();
    add_id(add_command(app, "reject", "Say no", common), arguments.id);
    add_id(add_command(app, "not-mine", "Say that somebody else started it", common), arguments.id);
}

int run(CLI::App& app, Arguments& arguments) {
    const auto& common = arguments.common;
    if (app.got_subcommand("enrol")) {
        return run_enrol(common, arguments.enrol);
    }
    if (app.got_subcommand("officer")) {
        return run_officer(common, arguments.officer);
    }
    if (app.got_subcommand("connect")) {
        return run_connect(common, arguments.connect);
    }
    arguments.join.consent = arguments.move.consent = arguments.yes ? Consent::given : Consent::ask;
    if (app.got_subcommand("join")) {
        return run_join(common, arguments.join);
    }
    if (app.got_subcommand("move")) {
        if (arguments.move.link.empty() && arguments.move.code.empty()) {
            std::cerr << "kyso-phone: move: say --link or --code\n";
            return hsm::softphone::exit_usage;
        }
        return run_move(common, arguments.move);
    }
    if (app.got_subcommand("pending")) {
        return run_pending(common);
    }
    if (app.got_subcommand("start")) {
        return run_start(common, arguments.link);
    }
    if (app.got_subcommand("show")) {
        return run_show(common, arguments.id);
    }
    if (app.got_subcommand("watch")) {
        return run_watch(common, arguments.answer);
    }
    if (app.got_subcommand("approve")) {
        arguments.approve.consent = arguments.yes ? Consent::given : Consent::ask;
        if (arguments.all != arguments.approve.ids.empty()) {
            std::cerr << "kyso-phone: approve: name an ID, or --all\n";
            return hsm::softphone::exit_usage;
        }
        return run_approve(common, arguments.approve);
    }
    return run_refuse(
        common, arguments.id, app.got_subcommand("reject") ? Refusal::reject : Refusal::not_mine);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "A phone in software: approves signatures with a WebAuthn passkey, for tests and "
        "the sandbox.",
        "kyso-phone");
    Arguments arguments;
    arguments.common.store = default_store();
    arguments.enrol.name = arguments.join.name = "kyso-phone";
    describe(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? hsm::softphone::exit_done : hsm::softphone::exit_usage;
    }
    try {
        return run(app, arguments);
    } catch (const std::exception& error) {
        std::cerr << "kyso-phone: " << error.what() << "\n";
        return hsm::softphone::exit_failed;
    }
}
