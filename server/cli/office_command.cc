#include <iostream>

#include <boost/json.hpp>

#include "server/cli/admin_client.h"
#include "server/cli/commands.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    std::string id;
    std::string name;
    std::string role;
    std::string status;
    bool new_keys = false;
    Form form = Form::text;
};

constexpr const char* users_path = "/admin/v1/office-users";

Outcome<int> print_user(const Options& options, const json::object& user) {
    if (options.form == Form::json) {
        std::cout << json::serialize(user) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto id, text_of(user, "id"));
    TRY_ASSIGN(const auto role, text_of(user, "role"));
    TRY_ASSIGN(const auto status, text_of(user, "status"));
    TRY_ASSIGN(const auto name, text_of(user, "name"));
    std::cout << id << "  " << role << "  " << status << "  " << name << "\n";
    return exit_done;
}

Outcome<int> add(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    const json::object body{{"id", options.id}, {"name", options.name}, {"role", options.role}};
    TRY_ASSIGN(auto user, admin.post(users_path, body, "add the user"));
    return print_user(options, user);
}

Outcome<int> list(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.get(users_path, "list the users"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    const auto* users = answer.if_contains("users");
    if (users == nullptr || !users->is_array()) {
        return Failure{"the server's answer has no users"};
    }
    for (const auto& user : users->get_array()) {
        if (const auto* object = user.if_object()) {
            TRY(print_user(options, *object));
        }
    }
    return exit_done;
}

Outcome<int> set(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    json::object body;
    if (!options.role.empty()) {
        body["role"] = options.role;
    }
    if (!options.status.empty()) {
        body["status"] = options.status;
    }
    TRY_ASSIGN(
        auto user,
        admin.post(std::string(users_path) + "/" + escaped(options.id), body, "change the user"));
    return print_user(options, user);
}

Outcome<int> invite(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post(std::string(users_path) + "/" + escaped(options.id) + "/invite",
                          json::object{{"new_keys", options.new_keys}},
                          "invite the user"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto link, text_of(answer, "link"));
    std::cout << "link    " << link << "\n"
              << "Valid for one day and one passkey. Give it to this person and to nobody else.\n";
    return exit_done;
}

using Act = Outcome<int> (*)(const Options&);

// A command that acts by `act`, with what it takes from `options`.
CLI::App* add_act(CLI::App& office,
                  Action& chosen,
                  const char* name,
                  const char* description,
                  Act act,
                  const std::shared_ptr<Options>& options) {
    auto* command = office.add_subcommand(name, description);
    add_data_option(*command, options->data);
    add_json_option(*command, options->form);
    command->callback([options, act, &chosen] { chosen = [=] { return act(*options); }; });
    return command;
}

CLI::Option* add_role(CLI::App& command, Options& options) {
    return command
        .add_option("--role",
                    options.role,
                    "registrar: signers, their phones and revocations; auditor: what has happened; "
                    "administrator: reads both, changes nothing")
        ->check(CLI::IsMember({"registrar", "auditor", "administrator"}))
        ->type_name("ROLE");
}

}  // namespace

void add_office(CLI::App& app, Action& chosen) {
    auto* office = app.add_subcommand("office", "People of the registration office");
    office->require_subcommand(1);

    const auto adding = std::make_shared<Options>();
    auto* command = add_act(*office, chosen, "add", "Somebody new", add, adding);
    command->add_option("ID", adding->id, "Of a-z, 0-9, '.', '-' and '_'")->required();
    command->add_option("--name", adding->name, "The person's name")->type_name("NAME")->required();
    add_role(*command, *adding)->required();

    const auto listing = std::make_shared<Options>();
    add_act(*office, chosen, "list", "All of them", list, listing);

    const auto setting = std::make_shared<Options>();
    command = add_act(*office, chosen, "set", "Another role, or none any more", set, setting);
    command->add_option("ID", setting->id, "Who")->required();
    auto* what = command->add_option_group("what changes");
    add_role(*what, *setting);
    what->add_option("--status",
                     setting->status,
                     "disabled: signed out at once, and their passkeys are forgotten")
        ->check(CLI::IsMember({"active", "disabled"}))
        ->type_name("STATUS");
    what->require_option(1, 2);

    const auto inviting = std::make_shared<Options>();
    command = add_act(*office,
                      chosen,
                      "invite",
                      "A link by which the person makes a passkey to sign in with at the office",
                      invite,
                      inviting);
    command->add_option("ID", inviting->id, "Who")->required();
    command->add_flag("--new-keys",
                      inviting->new_keys,
                      "The passkeys so far were lost: they, and what they opened, end now");
}

}  // namespace server::cli
