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
    std::string subject;
    std::string language;
    Form form = Form::text;
};

Outcome<int> add(const Options& options) {
    json::object body{{"id", options.id}, {"name", options.name}, {"subject", options.subject}};
    if (!options.language.empty()) {
        body["language"] = options.language;
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.post("/admin/v1/signers", body, "add the signer"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto subject, text_of(answer, "subject"));
    std::cout << "signer  " << options.id << "\nsubject " << subject << "\n";
    return exit_done;
}

}  // namespace

void add_signer(CLI::App& app, Action& chosen) {
    auto* signer = app.add_subcommand("signer", "Persons who sign");
    signer->require_subcommand(1);
    auto* command = signer->add_subcommand("add", "Register a person");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("--id", options->id, "By which portals name the person")
        ->type_name("ID")
        ->required();
    command->add_option("--name", options->name, "The person's name")
        ->type_name("NAME")
        ->required();
    command
        ->add_option("--subject",
                     options->subject,
                     "Of the certificates, RFC 4514: \"CN=Nguyễn Văn A,O=Kyso,C=VN\"")
        ->type_name("DN")
        ->required();
    command->add_option("--language", options->language, "RFC 5646 tag (default: vi)")
        ->type_name("TAG");
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return add(*options); }; });
}

}  // namespace server::cli
