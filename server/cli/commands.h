#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/cli/failure.h"

namespace server::cli {

// What the command line chose; answers the exit code.
using Action = std::function<Outcome<int>()>;

enum class Form { text, json };

// Each adds one command with its options to `app`; when the command line names it, `chosen` is what
// to do.
void add_up(CLI::App& app, Action& chosen);
void add_client(CLI::App& app, Action& chosen);
void add_config(CLI::App& app, Action& chosen);
void add_signer(CLI::App& app, Action& chosen);
void add_credential(CLI::App& app, Action& chosen);
void add_module(CLI::App& app, Action& chosen);
// Commands of `kyso module`.
void add_bringup(CLI::App& module, Action& chosen);
void add_board_commands(CLI::App& module, Action& chosen);
void add_audit(CLI::App& app, Action& chosen);
void add_receipt(CLI::App& app, Action& chosen);
void add_sign(CLI::App& app, Action& chosen);
void add_document(CLI::App& app, Action& chosen);
// Of `kyso document`.
void add_raising(CLI::App& document, Action& chosen);
void add_reserve(CLI::App& document, Action& chosen);
void add_verify(CLI::App& app, Action& chosen);
void add_root(CLI::App& app, Action& chosen);
void add_ceremony(CLI::App& app, Action& chosen);
void add_firmware(CLI::App& app, Action& chosen);
void add_push_key(CLI::App& app, Action& chosen);
void add_token_key(CLI::App& app, Action& chosen);
void add_service(CLI::App& app, Action& chosen);
void add_notice(CLI::App& app, Action& chosen);
void add_office(CLI::App& app, Action& chosen);
void add_officer(CLI::App& app, Action& chosen);
void add_webhook(CLI::App& app, Action& chosen);
void add_cmp(CLI::App& app, Action& chosen);

// Options that several commands have.
inline void add_data_option(CLI::App& command, std::string& data) {
    command.add_option("--data", data, "The folder that `kyso up` has made")
        ->type_name("DIR")
        ->required();
}
inline void add_root_option(CLI::App& command, std::vector<std::string>& roots) {
    command
        .add_option("--root",
                    roots,
                    "Root of the modules' certificates (PEM), from where you trust; may be "
                    "repeated")
        ->type_name("FILE")
        ->allow_extra_args(false)
        ->required();
}
inline void add_json_option(CLI::App& command, Form& form) {
    command.add_flag_callback(
        "--json", [&form] { form = Form::json; }, "Print JSON");
}

}  // namespace server::cli
