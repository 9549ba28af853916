#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "hsm/openssl/base64.h"
#include "hsm/protocol/types.h"
#include "server/cli/admin_client.h"
#include "server/cli/commands.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
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
    TRY_ASSIGN(const auto answer,
               admin.post("/admin/v1/officers", body, "add the officer's phone"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto link, text_of(answer, "link"));
    std::cout << "link    " << link << "\n"
              << "To be opened where the passkey is: in the officer's browser, or by kyso-phone "
                 "connect.\nIt shows what waits for officers. Give it to this person and to nobody "
                 "else.\n";
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
}

}  // namespace server::cli
