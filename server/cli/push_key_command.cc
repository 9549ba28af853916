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
        admin.post("/admin/v1/push-key", json::object(), "change the key that push services know"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto key, text_of(answer, "application_server_key"));
    std::cout << "phones subscribe with key " << key
              << " from now on\nWhat they subscribed to with the key so far goes on until the next "
                 "change; a key that was stolen takes two.\n";
    return exit_done;
}

}  // namespace

void add_push_key(CLI::App& app, Action& chosen) {
    auto* push_key =
        app.add_subcommand("push-key", "The key by which push services know this server");
    push_key->require_subcommand(1);
    auto* command = push_key->add_subcommand("rotate", "Subscribe phones with a new key");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return rotate(*options); }; });
}

}  // namespace server::cli
