#include <iostream>

#include <boost/json.hpp>

#include "server/cli/admin_client.h"
#include "server/cli/commands.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    std::string kind;
    std::string subject;
    Form form = Form::text;
};

Outcome<int> add(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/services",
                          json::object{{"kind", options.kind}, {"subject", options.subject}},
                          "make the service's key"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto id, text_of(answer, "credential_id"));
    std::cout << "service " << id << "\n"
              << "Officers approve its key, and then its certificate; from then on it is used in\n"
              << "place of the one before.\n";
    return exit_done;
}

}  // namespace

void add_service(CLI::App& app, Action& chosen) {
    auto* service = app.add_subcommand("service", "Keys of the built-in CA's own services");
    service->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    auto* add_command =
        service->add_subcommand("add", "Make a key for OCSP answers or time-stamps");
    add_data_option(*add_command, options->data);
    add_command->add_option("--kind", options->kind, "What it signs")
        ->check(CLI::IsMember({"ocsp", "tsa"}))
        ->required();
    add_command->add_option("--subject", options->subject, "Name in its certificate (RFC 4514)")
        ->type_name("DN")
        ->required();
    add_json_option(*add_command, options->form);
    add_command->callback([options, &chosen] { chosen = [options] { return add(*options); }; });
}

}  // namespace server::cli
