#include <iostream>

#include <boost/json.hpp>

#include "server/cli/admin_client.h"
#include "server/cli/commands.h"
#include "server/cli/output_place.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    std::string kind;
    std::string subject;
    std::string out;
    Form form = Form::text;
};

constexpr std::string_view authority = "ca";

Outcome<json::object> ask(AdminClient& admin, const Options& options) {
    if (options.kind == authority) {
        return admin.post(
            "/admin/v1/issuers", json::object{{"subject", options.subject}}, "make the CA's key");
    }
    return admin.post("/admin/v1/services",
                      json::object{{"kind", options.kind}, {"subject", options.subject}},
                      "make the service's key");
}

Outcome<int> add(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, ask(admin, options));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto id, text_of(answer, "credential_id"));
    std::cout << "service " << id << "\n"
              << "Officers approve its key, and then its certificate; from then on it is used"
              << (options.kind == authority ? ".\n" : " in\nplace of the one before.\n");
    return exit_done;
}

Outcome<int> certificate(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer, admin.get("/admin/v1/ca", "fetch the CA's certificate"));
    TRY_ASSIGN(const auto pem, text_of(answer, "certificate"));
    if (options.out.empty()) {
        std::cout << pem;
        return exit_done;
    }
    TRY(write_result(options.out, pem));
    return exit_done;
}

}  // namespace

void add_service(CLI::App& app, Action& chosen) {
    auto* service = app.add_subcommand("service", "The built-in CA and its own services");
    service->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    auto* add_command =
        service->add_subcommand("add", "Make the CA's key, or one for OCSP answers or time-stamps");
    add_data_option(*add_command, options->data);
    add_command->add_option("--kind", options->kind, "What it signs")
        ->check(CLI::IsMember({std::string(authority), std::string("ocsp"), std::string("tsa")}))
        ->required();
    add_command->add_option("--subject", options->subject, "Name in its certificate (RFC 4514)")
        ->type_name("DN")
        ->required();
    add_json_option(*add_command, options->form);
    add_command->callback([options, &chosen] { chosen = [options] { return add(*options); }; });
    auto* certificate_command =
        service->add_subcommand("certificate", "The CA's certificate, for whoever verifies (PEM)");
    add_data_option(*certificate_command, options->data);
    certificate_command->add_option("--out", options->out, "File (default: standard output)")
        ->type_name("FILE")
        ->check(output_name());
    certificate_command->callback(
        [options, &chosen] { chosen = [options] { return certificate(*options); }; });
}

}  // namespace server::cli
