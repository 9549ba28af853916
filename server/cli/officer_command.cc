#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "hsm/openssl/base64.h"
#include "hsm/protocol/types.h"
#include "server/cli/admin_client.h"
#include "server/cli/commands.h"
#include "server/cli/utc_text.h"

namespace server::cli {
namespace {

namespace json = boost::json;

constexpr const char* officers_path = "/admin/v1/officers";

struct Options {
    std::string data;
    std::string id;
    std::string name;
    std::string point;  // hexadecimal, as in the plan of the group
    bool backup_eligible = false;
    Form form = Form::text;
};

Outcome<int> add(const Options& options) {
    const auto point = cloudsign::from_hex(options.point);
    if (!point || point->size() != hsm::protocol::point_size) {
        return usage_failure("--point: 130 hexadecimal digits, as in the plan of the group");
    }
    AdminClient admin{DataFolder(options.data)};
    const json::object body{{"name", options.name},
                            {"public_key", hsm::base64url(*point)},
                            {"backup_eligible", options.backup_eligible}};
    TRY_ASSIGN(const auto answer, admin.post(officers_path, body, "add the officer's phone"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto link, text_of(answer, "link"));
    std::cout << "link    " << link << "\n"
              << "Valid for one day and one connection, where the passkey is: in the officer's "
                 "browser, or by\nkyso-phone connect. Give it to this person and to nobody else.\n";
    return exit_done;
}

std::string person_in(const json::object& officer, bool plan_known) {
    const auto* person = officer.if_contains("person");
    if (person != nullptr && person->is_int64()) {
        return "person " + std::to_string(person->get_int64());
    }
    return plan_known ? "not in the plan" : "plan unknown";
}

std::string backup_in(const json::object& officer) {
    const auto* value = officer.if_contains("backup_eligible");
    return value != nullptr && value->is_bool() && value->get_bool() ? "may be synced"
                                                                     : "one device only";
}

std::string time_in(const json::object& officer, std::string_view name) {
    constexpr std::int64_t ms_per_second = 1000;
    const auto* value = officer.if_contains(name);
    return value != nullptr && value->is_int64() ? utc_text(value->get_int64() / ms_per_second)
                                                 : "never";
}

Outcome<void> print_phone(const json::object& phone, bool plan_known) {
    TRY_ASSIGN(const auto id, text_of(phone, "id"));
    TRY_ASSIGN(const auto name, text_of(phone, "name"));
    TRY_ASSIGN(const auto state, text_of(phone, "state"));
    std::cout << id << "  " << person_in(phone, plan_known) << "  " << backup_in(phone) << "  "
              << state << "  added " << time_in(phone, "created_at") << "  used "
              << time_in(phone, "last_used_at") << "  " << name << "\n";
    return {};
}

// Their points are what `kyso officer add --point` asks for.
Outcome<void> print_without_phone(const json::object& officer, bool plan_known) {
    TRY_ASSIGN(const auto key, text_of(officer, "public_key"));
    const auto point = cloudsign::from_base64url(key);
    if (!point) {
        return Failure{"the server's answer has a public_key that cannot be read"};
    }
    std::cout << "no phone  " << person_in(officer, plan_known) << "  " << backup_in(officer)
              << "  point " << cloudsign::hex(*point) << "\n";
    return {};
}

using Print = Outcome<void> (*)(const json::object& officer, bool plan_known);

Outcome<void> print_each(const json::object& answer, const char* name, Print print) {
    const auto* plan_known = answer.if_contains("plan_known");
    const bool known = plan_known != nullptr && plan_known->is_bool() && plan_known->get_bool();
    const auto* list = answer.if_contains(name);
    if (list == nullptr || !list->is_array()) {
        return Failure{std::string("the server's answer has no ") + name};
    }
    for (const auto& one : list->get_array()) {
        if (const auto* object = one.if_object()) {
            TRY(print(*object, known));
        }
    }
    return {};
}

Outcome<int> list(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer, admin.get(officers_path, "list the officers' phones"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY(print_each(answer, "officers", print_phone));
    TRY(print_each(answer, "without_phone", print_without_phone));
    return exit_done;
}

Outcome<int> remove(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto removed,
               admin.post(std::string(officers_path) + "/" + escaped(options.id) + "/remove",
                          json::object(),
                          "remove the officer's phone"));
    if (options.form == Form::json) {
        std::cout << json::serialize(removed) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto name, text_of(removed, "name"));
    std::cout << options.id << "  removed: the phone of " << name
              << " sees and answers nothing here any more\n";
    const auto* person = removed.if_contains("person");
    if (person == nullptr || !person->is_null()) {
        std::cout << "The modules still take this passkey as an officer's: an approval that it "
                     "gives counts there\nuntil a ceremony has changed the group's configuration "
                     "(kyso ceremony configure --after).\n";
    }
    return exit_done;
}

}  // namespace

void add_officer(CLI::App& app, Action& chosen) {
    auto* officer = app.add_subcommand("officer", "Phones of officers, whom the modules know");
    officer->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    auto* command = officer->add_subcommand(
        "add", "A link that connects an officer's phone, once the modules have taken its passkey");
    add_data_option(*command, options->data);
    add_json_option(*command, options->form);
    command->add_option("--name", options->name, "The officer's name")
        ->type_name("NAME")
        ->required();
    command->add_option("--point", options->point, "The passkey's, as in the plan of the group")
        ->type_name("HEX")
        ->required();
    command->add_flag("--backup-eligible",
                      options->backup_eligible,
                      "The passkey may be synced, as the plan of the group says");
    command->callback([options, &chosen] { chosen = [=] { return add(*options); }; });

    const auto listing = std::make_shared<Options>();
    command = officer->add_subcommand(
        "list", "Their phones, and the passkeys of the modules' plan that no phone here has");
    add_data_option(*command, listing->data);
    add_json_option(*command, listing->form);
    command->callback([listing, &chosen] { chosen = [=] { return list(*listing); }; });

    const auto removing = std::make_shared<Options>();
    command = officer->add_subcommand(
        "remove",
        "Ends a phone's session here; whom the modules take as an officer changes by a ceremony");
    add_data_option(*command, removing->data);
    add_json_option(*command, removing->form);
    command->add_option("ID", removing->id, "The phone's id, of kyso officer list")->required();
    command->callback([removing, &chosen] { chosen = [=] { return remove(*removing); }; });
}

}  // namespace server::cli
