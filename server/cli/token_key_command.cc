#include <iostream>

#include <boost/json.hpp>

#include "server/cli/admin_client.h"
#include "server/cli/commands.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    Form form = Form::text;
};

Outcome<int> rotate(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(
        auto answer,
        admin.post("/admin/v1/token-key", json::object(), "change the key of access tokens"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto kid, text_of(answer, "kid"));
    std::cout << "access tokens are signed with key " << kid
              << "\nThose of the key before it stay good until they expire.\n";
    return exit_done;
}

}  // namespace

void add_token_key(CLI::App& app, Action& chosen) {
    auto* token_key = app.add_subcommand("token-key", "The key that signs access tokens");
    token_key->require_subcommand(1);
    auto* command = token_key->add_subcommand("rotate", "Sign with a new key from now on");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return rotate(*options); }; });
}

}  // namespace server::cli
