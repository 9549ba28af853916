#include <iostream>

#include <boost/json.hpp>

#include "hsm/softphone/link.h"
#include "server/cli/admin_client.h"
#include "server/cli/certification.h"
#include "server/cli/commands.h"
#include "server/cli/credential_life.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    std::string signer;
    std::string key = "p256";
    std::string profile = "person";
    unsigned expiring = 0;  // days
    std::string description;
    std::string id;
    std::string reason = "unspecified";
    Form form = Form::text;
};

Outcome<int> add(const Options& options) {
    const json::object body{{"signer_id", options.signer},
                            {"key_type", options.key},
                            {"profile", options.profile},
                            {"description", options.description}};
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.post("/admin/v1/credentials", body, "add the credential"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto id, text_of(answer, "credential_id"));
    TRY_ASSIGN(const auto link, text_of(answer, "link"));
    std::cout << "credential " << id << "\n"
              << "enrolment  " << link << "\n"
              << "Give the link to the person alone: whoever opens it first enrols a phone, which\n"
              << "an officer then confirms face to face by the short code. It lasts a week.\n";
    return exit_done;
}

Outcome<int> show(const Options& options) {
    if (!hsm::softphone::is_id(options.id)) {
        return usage_failure("\"" + options.id + "\" is no id of a credential");
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.get("/admin/v1/credentials/" + options.id, "show the credential"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    for (const auto* name : {"id", "signer_id", "status", "key_type", "profile"}) {
        TRY_ASSIGN(const auto text, text_of(answer, name));
        std::cout << name << std::string(11 - std::string_view(name).size(), ' ') << text << "\n";
    }
    TRY(print_life(answer));
    if (const auto* chain = answer.if_contains("certificates"); chain && chain->is_array()) {
        for (const auto& pem : chain->get_array()) {
            if (pem.is_string()) {
                std::cout << std::string_view(pem.get_string());
            }
        }
    }
    return exit_done;
}

Outcome<void> print_summary(const json::object& credential) {
    TRY_ASSIGN(const auto id, text_of(credential, "id"));
    TRY_ASSIGN(const auto status, text_of(credential, "status"));
    TRY_ASSIGN(const auto key, text_of(credential, "key_type"));
    TRY_ASSIGN(const auto profile, text_of(credential, "profile"));
    std::cout << id << "  " << status << "  " << key << "  " << profile;
    if (credential.contains("valid_to")) {
        std::cout << "  until " << time_in(credential, "valid_to");
    }
    if (const auto* signer = credential.if_contains("signer_id"); signer && signer->is_string()) {
        std::cout << "  " << std::string_view(signer->get_string());
    }
    std::cout << "\n";
    return {};
}

Outcome<int> list(const Options& options) {
    if (options.signer.empty() && options.expiring == 0) {
        return usage_failure("say whose (--signer ID), or what ends (--expiring DAYS)");
    }
    std::string query;
    if (!options.signer.empty()) {
        query = "signer=" + escaped(options.signer);
    }
    if (options.expiring != 0) {
        query += (query.empty() ? "" : "&") + ("expiring=" + std::to_string(options.expiring));
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.get("/admin/v1/credentials?" + query, "list the credentials"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    if (auto* all = answer.if_contains("credentials"); all && all->is_array()) {
        for (auto& credential : all->get_array()) {
            if (auto* object = credential.if_object()) {
                TRY(print_summary(*object));
            }
        }
    }
    if (answer.contains("more")) {
        std::cerr << "There are more: these end first.\n";
    }
    return exit_done;
}

Outcome<int> set_status(const Options& options, const std::string& status) {
    if (!hsm::softphone::is_id(options.id)) {
        return usage_failure("\"" + options.id + "\" is no id of a credential");
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/credentials/" + options.id,
                          json::object{{"status", status}, {"reason", options.reason}},
                          "change the credential"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    std::cout << options.id << "  " << status << "\n";
    if (answer.contains("transaction_id")) {
        TRY_ASSIGN(const auto asked, text_of(answer, "transaction_id"));
        std::cout << asked << "  waits for the officers, who end the key in the modules\n";
    }
    return exit_done;
}

void add_status(CLI::App& credential,
                Action& chosen,
                const char* name,
                const char* description,
                const char* status) {
    auto* command = credential.add_subcommand(name, description);
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("ID", options->id, "Of the credential")->required();
    add_json_option(*command, options->form);
    command->callback(
        [options, &chosen, status] { chosen = [=] { return set_status(*options, status); }; });
}

}  // namespace

void add_credential(CLI::App& app, Action& chosen) {
    auto* credential = app.add_subcommand("credential", "Signers' keys and certificates");
    credential->require_subcommand(1);
    const auto options = std::make_shared<Options>();

    auto* add_command =
        credential->add_subcommand("add", "Invite a signer; prints the enrolment link");
    add_data_option(*add_command, options->data);
    add_command->add_option("--signer", options->signer, "Whose it will be")
        ->type_name("ID")
        ->required();
    add_command->add_option("--key", options->key, "Type of the key")
        ->check(CLI::IsMember({"p256", "p384", "rsa2048", "rsa3072", "rsa4096"}))
        ->capture_default_str();
    add_command
        ->add_option("--profile",
                     options->profile,
                     "Of the certificate; an organisation's needs O in the signer's subject")
        ->check(CLI::IsMember({"person", "organisation", "device"}))
        ->capture_default_str();
    add_command->add_option("--description", options->description, "For portals that list it")
        ->type_name("TEXT");
    add_json_option(*add_command, options->form);
    add_command->callback([options, &chosen] { chosen = [options] { return add(*options); }; });

    auto* show_command =
        credential->add_subcommand("show",
                                   "Show a credential with the life of each of its certificates, "
                                   "the oldest first, and the chain in use");
    add_data_option(*show_command, options->data);
    show_command->add_option("ID", options->id, "Of the credential")->type_name("")->required();
    add_json_option(*show_command, options->form);
    show_command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });

    auto* list_command = credential->add_subcommand(
        "list", "The credentials of a signer, or those whose certificate ends soon");
    add_data_option(*list_command, options->data);
    list_command->add_option("--signer", options->signer, "Whose")->type_name("ID");
    list_command
        ->add_option("--expiring", options->expiring, "Whose certificate ends within so many days")
        ->type_name("DAYS")
        ->check(CLI::Range(1, 10'000));
    add_json_option(*list_command, options->form);
    list_command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
    add_issue(*credential, chosen);
    add_renew(*credential, chosen);
    add_certification(*credential, chosen);
    add_status(*credential, chosen, "suspend", "It signs nothing until resume", "disabled");
    add_status(*credential, chosen, "resume", "Undoes suspend", "enabled");
    auto* revoke = credential->add_subcommand(
        "revoke",
        "For good: revokes its certificate, and asks the officers to end its key in the modules");
    const auto revoking = std::make_shared<Options>();
    add_data_option(*revoke, revoking->data);
    revoke->add_option("ID", revoking->id, "Of the credential, or of a service")->required();
    revoke->add_option("--reason", revoking->reason, "Why, for the revocation list")
        ->check(CLI::IsMember({"unspecified",
                               "keyCompromise",
                               "affiliationChanged",
                               "superseded",
                               "cessationOfOperation",
                               "privilegeWithdrawn"}))
        ->capture_default_str();
    add_json_option(*revoke, revoking->form);
    revoke->callback(
        [revoking, &chosen] { chosen = [=] { return set_status(*revoking, "revoked"); }; });
    add_status(*credential, chosen, "delete", "For good: erases its key from here", "deleted");
}

}  // namespace server::cli
