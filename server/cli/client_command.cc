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
    Form form = Form::text;
};

Outcome<int> add(const Options& options) {
    if (!options.secret_file.empty()) {
        // The secret is shown once: better no client than one whose secret is lost.
        TRY(check_writable(options.secret_file));
        if (std::filesystem::exists(options.secret_file)) {
            return usage_failure(options.secret_file +
                                 ": exists; it may hold the secret of another client");
        }
    }
    json::object body{{"name", options.name}};
    if (options.all_signers) {
        body["all_signers"] = true;
    } else {
        body["signers"] = json::array(options.signers.begin(), options.signers.end());
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.post("/admin/v1/clients", body, "add the client"));
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

}  // namespace

void add_client(CLI::App& app, Action& chosen) {
    auto* client = app.add_subcommand("client", "Portals that may ask for signatures");
    client->require_subcommand(1);
    auto* command = client->add_subcommand("add", "Register a portal; prints its id and secret");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("--name", options->name, "As signers will see it")
        ->type_name("NAME")
        ->required();
    auto* who = command->add_option_group("whom it may ask");
    who->add_flag("--all-signers", options->all_signers, "Every signer");
    who->add_option("--signer", options->signers, "This signer; may be repeated")->type_name("ID");
    who->require_option(1);
    command
        ->add_option("--secret-file",
                     options->secret_file,
                     "Write the secret there (0600) instead of printing it")
        ->type_name("FILE");
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return add(*options); }; });
}

}  // namespace server::cli
