#include <algorithm>
#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "cloudsign/random.h"
#include "server/cli/admin_client.h"
#include "server/cli/challenge.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t log_size_max = std::size_t{1} << 31;

struct Options {
    std::string data;
    std::string challenge;  // hexadecimal
    std::string out;
    Form form = Form::text;
};

std::string shown(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

// A module that is configured and does not answer is missing from the list; that is no success.
int exit_code_of(const json::object& answer, std::size_t answered) {
    const auto* configured = answer.if_contains("configured");
    if (configured == nullptr || !configured->is_number() ||
        configured->to_number<std::size_t>() <= answered) {
        return exit_done;
    }
    std::cerr << "kyso: " << answered << " of " << configured->to_number<std::size_t>()
              << " modules answered; the others are missing here\n";
    return exit_failed;
}

// One that does not operate, for whatever reason it gives.
bool all_operate(const json::array& modules) {
    return std::ranges::all_of(modules, [](const json::value& module) {
        const auto* state = module.as_object().if_contains("state");
        return state != nullptr && state->is_string() && state->get_string() == "operational";
    });
}

Outcome<int> show_modules(const Options& options, json::object answer) {
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
    }
    const auto* modules = answer.if_contains("modules");
    if (modules == nullptr || !modules->is_array() || modules->get_array().empty()) {
        return Failure{"no module answers the server"};
    }
    if (options.form == Form::json) {
        return exit_code_of(answer, modules->get_array().size());
    }
    for (const auto& module : modules->get_array()) {
        for (const auto& [name, value] : module.as_object()) {
            if (name == "device_certificate") {
                continue;  // for programs: --json
            }
            const auto gap = name.size() < 17 ? 17 - name.size() : 1;
            std::cout << std::string_view(name) << std::string(gap, ' ') << shown(value) << "\n";
        }
        const auto* own_uid = module.as_object().if_contains("own_uid");
        if (own_uid != nullptr && own_uid->is_bool() && !own_uid->get_bool()) {
            std::cout << "The server runs under the same user: it could read what the module "
                         "holds.\n";
        }
        std::cout << "\n";
    }
    return exit_code_of(answer, modules->get_array().size());
}

Outcome<int> info(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.get("/admin/v1/modules", "ask the modules"));
    return show_modules(options, std::move(answer));
}

Outcome<int> keys(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer, admin.get("/admin/v1/keys", "ask how the keys are sealed"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    for (const auto& [name, value] : answer) {
        const auto gap = name.size() < 17 ? 17 - name.size() : 1;
        std::cout << std::string_view(name) << std::string(gap, ' ') << shown(value) << "\n";
    }
    return exit_done;
}

Outcome<int> self_test(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/modules/self-test", json::object{}, "have the modules test"));
    const auto* modules = answer.if_contains("modules");
    const bool passed =
        modules != nullptr && modules->is_array() && all_operate(modules->get_array());
    TRY_ASSIGN(auto code, show_modules(options, std::move(answer)));
    return passed ? code : exit_failed;
}

// The server goes on appending to its own file; the copy ends with a whole line.
Outcome<fs::path> copy_log(const fs::path& file, const fs::path& folder) {
    TRY_ASSIGN(auto content, read_file(file, log_size_max));
    content.resize(content.rfind('\n') + 1);
    const auto copy = folder / file.filename();
    TRY(write_file(copy, content));
    return copy;
}

Outcome<int> audit(const Options& options) {
    hsm::protocol::Nonce challenge = cloudsign::random_32();
    if (!options.challenge.empty()) {
        TRY_ASSIGN(challenge, parse_challenge(options.challenge));
    }
    if (!options.out.empty()) {
        TRY(make_folder(options.out, 0755));
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/audit",
                          json::object{{"challenge", cloudsign::base64url(challenge)}},
                          "export the logs"));
    const auto* files = answer.if_contains("files");
    if (files == nullptr || !files->is_array() || files->get_array().empty()) {
        return Failure{"no module answers the server"};
    }
    json::array paths;
    for (const auto& file : files->get_array()) {
        fs::path path = shown(file);
        if (!options.out.empty()) {
            TRY_ASSIGN(path, copy_log(path, options.out));
        }
        paths.push_back(json::string(path.string()));
    }
    const auto hex = cloudsign::hex(challenge);
    if (options.form == Form::json) {
        std::cout << json::serialize(json::object{{"challenge", hex}, {"files", paths}}) << "\n";
        return exit_code_of(answer, paths.size());
    }
    std::cout << "challenge " << hex << "\n";
    for (const auto& path : paths) {
        std::cout << "log       " << shown(path) << "\n";
    }
    return exit_code_of(answer, paths.size());
}

}  // namespace

void add_module(CLI::App& app, Action& chosen) {
    auto* module = app.add_subcommand(
        "module", "The cryptographic modules: a running server's, or a board on the bench");
    module->require_subcommand(1);
    const auto options = std::make_shared<Options>();

    auto* show = module->add_subcommand("info", "What each module says of itself");
    add_data_option(*show, options->data);
    add_json_option(*show, options->form);
    show->callback([options, &chosen] { chosen = [options] { return info(*options); }; });

    auto* test = module->add_subcommand(
        "self-test", "Have each module run its self-tests; what it says of itself afterwards");
    add_data_option(*test, options->data);
    add_json_option(*test, options->form);
    test->callback([options, &chosen] { chosen = [options] { return self_test(*options); }; });

    auto* export_logs = module->add_subcommand(
        "audit", "Export every module's log with a head over the auditor's challenge");
    add_data_option(*export_logs, options->data);
    export_logs
        ->add_option("--challenge",
                     options->challenge,
                     "64 hexadecimal digits of the auditor's own (default: drawn here, printed)")
        ->type_name("HEX");
    export_logs->add_option("--out", options->out, "Copy the logs into this folder")
        ->type_name("DIR");
    add_json_option(*export_logs, options->form);
    export_logs->callback([options, &chosen] { chosen = [options] { return audit(*options); }; });

    auto* show_keys = module->add_subcommand(
        "keys", "Under which KEK the server's keys are sealed: before an epoch is closed");
    add_data_option(*show_keys, options->data);
    add_json_option(*show_keys, options->form);
    show_keys->callback([options, &chosen] { chosen = [options] { return keys(*options); }; });

    add_bringup(*module, chosen);
    add_board_commands(*module, chosen);
}

}  // namespace server::cli
