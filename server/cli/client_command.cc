#include <iostream>

#include <boost/json.hpp>

#include "server/cli/admin_client.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    std::string name;
    bool all_signers = false;
    std::vector<std::string> signers;
    std::string secret_file;
    std::string id;
    std::vector<std::string> settings;  // NAME=VALUE
    Form form = Form::text;
};

// The secret is shown once: better none than one that is lost.
Outcome<void> check_secret_file(const std::string& path) {
    if (path.empty()) {
        return {};
    }
    TRY(check_writable(path));
    if (std::filesystem::exists(path)) {
        return usage_failure(path + ": exists; it may hold the secret of another client");
    }
    return {};
}

Outcome<int> print_secret(const Options& options, json::object answer) {
    TRY_ASSIGN(const auto id, text_of(answer, "client_id"));
    TRY_ASSIGN(const auto secret, text_of(answer, "client_secret"));
    if (!options.secret_file.empty()) {
        TRY(write_file(options.secret_file, secret + "\n", mode_private));
        answer.erase("client_secret");
    }
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    std::cout << "client id     " << id << "\n";
    if (options.secret_file.empty()) {
        std::cout << "client secret " << secret << "\n"
                  << "The secret is shown this once; only its hash is kept.\n";
    } else {
        std::cout << "client secret in " << options.secret_file << "\n";
    }
    return exit_done;
}

Outcome<int> add(const Options& options) {
    TRY(check_secret_file(options.secret_file));
    json::object body{{"name", options.name}};
    if (options.all_signers) {
        body["all_signers"] = true;
    } else {
        body["signers"] = json::array(options.signers.begin(), options.signers.end());
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.post("/admin/v1/clients", body, "add the client"));
    return print_secret(options, std::move(answer));
}

Outcome<int> rotate(const Options& options) {
    TRY(check_secret_file(options.secret_file));
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/clients/" + options.id + "/secret",
                          json::object(),
                          "give the client a new secret"));
    return print_secret(options, std::move(answer));
}

std::string text_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

void print_client(const json::object& client) {
    std::cout << text_member(client, "client_id") << "  " << text_member(client, "status") << "  "
              << text_member(client, "name") << "\n";
}

Outcome<int> list(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.get("/admin/v1/clients", "list the clients"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    const auto* clients = answer.if_contains("clients");
    if (clients != nullptr && clients->is_array()) {
        for (const auto& client : clients->get_array()) {
            if (client.is_object()) {
                print_client(client.get_object());
            }
        }
    }
    return exit_done;
}

Outcome<int> print_settings(const Options& options, const json::object& answer) {
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    print_client(answer);
    const auto* settings = answer.if_contains("settings");
    if (settings == nullptr || !settings->is_array()) {
        return exit_done;
    }
    for (const auto& setting : settings->get_array()) {
        if (const auto* line = setting.if_object()) {
            std::cout << "  " << text_member(*line, "name") << "=" << text_member(*line, "value")
                      << "    " << text_member(*line, "meaning") << "\n";
        }
    }
    return exit_done;
}

Outcome<int> show(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.get("/admin/v1/clients/" + options.id, "show the client"));
    return print_settings(options, answer);
}

Outcome<int> change(const Options& options, const json::object& body) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/clients/" + options.id, body, "change the client"));
    return print_settings(options, answer);
}

Outcome<int> set(const Options& options) {
    json::object settings;
    for (const auto& setting : options.settings) {
        const auto equals = setting.find('=');
        if (equals == std::string::npos) {
            return usage_failure(setting +
                                 ": write NAME=VALUE, e.g. profile.v1_authorize=deferred");
        }
        settings[setting.substr(0, equals)] = setting.substr(equals + 1);
    }
    return change(options, {{"settings", std::move(settings)}});
}

void add_secret_file_option(CLI::App& command, Options& options) {
    command
        .add_option("--secret-file",
                    options.secret_file,
                    "Write the secret there (0600) instead of printing it")
        ->type_name("FILE");
}

void add_new(CLI::App& client, Action& chosen) {
    auto* command = client.add_subcommand("add", "Register a portal; prints its id and secret");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("--name", options->name, "As signers will see it")
        ->type_name("NAME")
        ->required();
    auto* who = command->add_option_group("whom it may ask");
    who->add_flag("--all-signers", options->all_signers, "Every signer");
    who->add_option("--signer", options->signers, "This signer; may be repeated")->type_name("ID");
    who->require_option(1);
    add_secret_file_option(*command, *options);
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return add(*options); }; });
}

// A command on one client that is there already.
CLI::App& add_existing(CLI::App& client,
                       Action& chosen,
                       const char* name,
                       const char* description,
                       const std::shared_ptr<Options>& options,
                       std::function<Outcome<int>(const Options&)> act) {
    auto* command = client.add_subcommand(name, description);
    add_data_option(*command, options->data);
    command->add_option("ID", options->id, "The client's id")->required();
    add_json_option(*command, options->form);
    command->callback(
        [options, &chosen, act] { chosen = [options, act] { return act(*options); }; });
    return *command;
}

}  // namespace

void add_client(CLI::App& app, Action& chosen) {
    auto* client = app.add_subcommand("client", "Portals that may ask for signatures");
    client->require_subcommand(1);
    add_new(*client, chosen);
    auto* all = client->add_subcommand("list", "All portals");
    const auto listing = std::make_shared<Options>();
    add_data_option(*all, listing->data);
    add_json_option(*all, listing->form);
    all->callback([listing, &chosen] { chosen = [listing] { return list(*listing); }; });

    const auto fresh = [] { return std::make_shared<Options>(); };
    add_existing(*client, chosen, "show", "A portal and its settings", fresh(), show);
    const auto rotating = fresh();
    add_secret_file_option(
        add_existing(*client,
                     chosen,
                     "rotate",
                     "A new secret; the old one ends, and refresh tokens got with it",
                     rotating,
                     rotate),
        *rotating);
    add_existing(
        *client,
        chosen,
        "disable",
        "Its tokens and its secret are refused from now on, and nobody is asked for it any more",
        fresh(),
        [](const Options& options) {
            return change(options, {{"status", "disabled"}});
        });
    add_existing(*client, chosen, "enable", "Undoes disable", fresh(), [](const Options& options) {
        return change(options, {{"status", "active"}});
    });
    const auto setting = fresh();
    auto& command = add_existing(*client, chosen, "set", "Doors and compatibility", setting, set);
    command.add_option("SETTING", setting->settings, "NAME=VALUE")->required();
    command.footer("`kyso client show ID` lists the settings and what each may be.");
}

}  // namespace server::cli
