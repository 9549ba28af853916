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
    std::string account;
    std::string email;
    std::string client;
    Form form = Form::text;
};

Outcome<int> add(const Options& options) {
    json::object body{{"id", options.id}, {"name", options.name}, {"subject", options.subject}};
    if (!options.language.empty()) {
        body["language"] = options.language;
    }
    if (!options.account.empty()) {
        body["account"] = options.account;
    }
    if (!options.email.empty()) {
        body["email"] = options.email;
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

Outcome<int> list(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    json::array all;
    std::string path = "/admin/v1/signers";
    // The server answers in pages; an id never comes twice, so this ends.
    while (!path.empty()) {
        TRY_ASSIGN(auto page, admin.get(path, "list the signers"));
        path.clear();
        if (const auto* signers = page.if_contains("signers"); signers && signers->is_array()) {
            for (const auto& signer : signers->get_array()) {
                all.push_back(signer);
            }
        }
        if (const auto* next = page.if_contains("next"); next && next->is_string()) {
            path = "/admin/v1/signers?after=" + escaped(next->get_string());
        }
    }
    if (options.form == Form::json) {
        std::cout << json::serialize(json::object{{"signers", std::move(all)}}) << "\n";
        return exit_done;
    }
    for (auto& signer : all) {
        if (auto* object = signer.if_object()) {
            TRY_ASSIGN(const auto id, text_of(*object, "id"));
            TRY_ASSIGN(const auto status, text_of(*object, "status"));
            TRY_ASSIGN(const auto name, text_of(*object, "name"));
            std::cout << id << "  " << status << "  " << name << "\n";
        }
    }
    return exit_done;
}

Outcome<int> set_status(const Options& options, const char* status) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/signers/status",
                          json::object{{"id", options.id}, {"status", status}},
                          "change the signer"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    std::cout << options.id << "  " << status << "\n";
    return exit_done;
}

Outcome<int> set_email(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/signers/email",
                          {{"id", options.id}, {"email", options.email}},
                          "change the signer's address"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
    } else {
        std::cout << options.id << "  "
                  << (options.email.empty() ? "is told nothing by mail" : options.email) << "\n";
    }
    return exit_done;
}

void add_email(CLI::App& signer, Action& chosen) {
    auto* command = signer.add_subcommand(
        "email", "Where the person is told what happens to their keys and phones");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("ID", options->id, "The signer's id")->required();
    auto* place = command->add_option_group("where");
    place->add_option("ADDRESS", options->email, "NAME@HOST")->check([](const std::string& given) {
        return given.empty() ? "an address, or --none" : std::string();
    });
    place->add_flag_callback(
        "--none", [options] { options->email.clear(); }, "By no mail any more");
    place->require_option(1);
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return set_email(*options); }; });
}

Outcome<int> lost_phone(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/signers/lost-phone",
                          json::object{{"id", options.id}},
                          "remove the signer's devices"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    std::cout << "devices removed: " << json::serialize(answer["devices_removed"]) << "\n";
    return exit_done;
}

Outcome<int> invite_to_login(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/login-invitations",
                          json::object{{"signer_id", options.id}},
                          "invite the signer"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto link, text_of(answer, "link"));
    std::cout << "link    " << link << "\n"
              << "Valid for one day and one passkey. Give it to this person and to nobody else.\n";
    return exit_done;
}

void add_login_invite(CLI::App& signer, Action& chosen) {
    auto* command =
        signer.add_subcommand("login-invite", "A link by which a person makes a sign-in passkey");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("ID", options->id, "The signer's id")->required();
    add_json_option(*command, options->form);
    command->callback(
        [options, &chosen] { chosen = [options] { return invite_to_login(*options); }; });
}

Outcome<int> login_password(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/application-logins",
                          json::object{{"signer_id", options.id}, {"client_id", options.client}},
                          "make the login"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto name, text_of(answer, "user_name"));
    TRY_ASSIGN(const auto password, text_of(answer, "password"));
    std::cout << "user name " << name << "\npassword  " << password << "\n"
              << "The password is shown this once; only its hash is kept.\n";
    return exit_done;
}

void add_login_password(CLI::App& signer, Action& chosen) {
    auto* command = signer.add_subcommand("login-password",
                                          "For one portal, to log in as this person (CSC "
                                          "auth/login); an earlier one ends, with what it opened");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("ID", options->id, "The signer's id")->required();
    command->add_option("--client", options->client, "The portal's client id")
        ->type_name("ID")
        ->required();
    add_json_option(*command, options->form);
    command->callback(
        [options, &chosen] { chosen = [options] { return login_password(*options); }; });
}

void add_status(CLI::App& signer,
                Action& chosen,
                const char* name,
                const char* description,
                const char* status) {
    auto* command = signer.add_subcommand(name, description);
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("ID", options->id, "The signer's id")->required();
    add_json_option(*command, options->form);
    command->callback(
        [options, &chosen, status] { chosen = [=] { return set_status(*options, status); }; });
}

}  // namespace

void add_signer(CLI::App& app, Action& chosen) {
    auto* signer = app.add_subcommand("signer", "Persons who sign");
    signer->require_subcommand(1);
    add_login_invite(*signer, chosen);
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
    command
        ->add_option("--account",
                     options->account,
                     "Number of the citizen's card, passport or taxpayer, by which QD 769 names "
                     "the person")
        ->type_name("NUMBER");
    command
        ->add_option("--email",
                     options->email,
                     "Where the person is told what happens to their keys and phones")
        ->type_name("NAME@HOST");
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return add(*options); }; });

    auto* all = signer->add_subcommand("list", "All persons");
    const auto listing = std::make_shared<Options>();
    add_data_option(*all, listing->data);
    add_json_option(*all, listing->form);
    all->callback([listing, &chosen] { chosen = [listing] { return list(*listing); }; });
    add_login_password(*signer, chosen);
    add_email(*signer, chosen);
    add_status(*signer, chosen, "freeze", "Nothing is asked of them until unfreeze", "frozen");
    add_status(*signer,
               chosen,
               "unfreeze",
               "After they said that a request was not theirs, and somebody has looked into it",
               "active");
    add_status(
        *signer,
        chosen,
        "delete",
        "For good: their keys are erased from here, their devices removed; the id stays taken",
        "deleted");
    auto* lost = signer->add_subcommand(
        "lost-phone", "Removes every device of the person: nothing reaches them any more");
    const auto losing = std::make_shared<Options>();
    add_data_option(*lost, losing->data);
    lost->add_option("ID", losing->id, "The signer's id")->required();
    add_json_option(*lost, losing->form);
    lost->callback([losing, &chosen] { chosen = [losing] { return lost_phone(*losing); }; });
}

}  // namespace server::cli
