#include <iostream>

#include <boost/json.hpp>

#include "hsm/softphone/printable.h"
#include "server/cli/admin_client.h"
#include "server/cli/commands.h"
#include "server/cli/utc_text.h"

namespace server::cli {
namespace {

namespace json = boost::json;

constexpr const char* accounts_path = "/admin/v1/cmp-accounts";

struct Options {
    std::string data;
    std::string name;
    std::string profile = "device";
    std::string before;
    Form form = Form::text;
};

// What a member says; empty where there is none.
std::string word_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string()
               ? hsm::softphone::printable(std::string_view(value->get_string()))
               : "";
}

std::string since(const json::object& object) {
    constexpr std::int64_t ms_per_second = 1000;
    const auto* value = object.if_contains("created_at");
    return value != nullptr && value->is_int64() ? utc_text(value->get_int64() / ms_per_second)
                                                 : "";
}

Outcome<int> print_secret(const json::object& answer, Form form) {
    if (form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto url, text_of(answer, "url"));
    TRY_ASSIGN(const auto name, text_of(answer, "name"));
    TRY_ASSIGN(const auto secret, text_of(answer, "secret"));
    std::cout
        << "url        " << url << "\n"
        << "reference  " << name << "\n"
        << "secret     " << secret << "\n"
        << "Shown once: put it into a file. Officers approve each certificate that is asked for "
           "with it.\n";
    return exit_done;
}

Outcome<int> add(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    const json::object body{{"name", options.name}, {"profile", options.profile}};
    TRY_ASSIGN(const auto answer, admin.post(accounts_path, body, "add the CMP account"));
    return print_secret(answer, options.form);
}

Outcome<json::object> post_to(const Options& options, const char* what, std::string_view words) {
    AdminClient admin{DataFolder(options.data)};
    return admin.post(
        std::string(accounts_path) + "/" + escaped(options.name) + what, json::object(), words);
}

Outcome<int> renew_secret(const Options& options) {
    TRY_ASSIGN(const auto answer, post_to(options, "/secret", "make the account another secret"));
    return print_secret(answer, options.form);
}

// Each object of that list, by `print`.
template <class Print>
Outcome<int> print_list(const json::object& answer,
                        const char* list_name,
                        Form form,
                        const Print& print) {
    if (form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    const auto* list = answer.if_contains(list_name);
    if (list == nullptr || !list->is_array()) {
        return Failure{std::string("the server's answer has no ") + list_name};
    }
    for (const auto& one : list->get_array()) {
        if (const auto* object = one.if_object()) {
            print(*object);
        }
    }
    return exit_done;
}

Outcome<int> list(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer, admin.get(accounts_path, "list the CMP accounts"));
    return print_list(answer, "accounts", options.form, [](const json::object& account) {
        std::cout << word_in(account, "name") << "  " << word_in(account, "profile") << "  "
                  << word_in(account, "status") << "  " << since(account) << "\n";
    });
}

Outcome<int> remove(const Options& options) {
    TRY_ASSIGN(const auto removed, post_to(options, "/remove", "remove the CMP account"));
    if (options.form == Form::json) {
        std::cout << json::serialize(removed) << "\n";
        return exit_done;
    }
    std::cout << options.name
              << "  removed for good: it is answered no more, and what waited is refused. Its "
                 "certificates stay\nvalid; `kyso credential revoke` ends one.\n";
    return exit_done;
}

void print_request(const json::object& request) {
    std::cout << word_in(request, "id") << "  " << since(request) << "  "
              << word_in(request, "account") << "  " << word_in(request, "state") << "  "
              << word_in(request, "credential_id") << "  " << word_in(request, "subject");
    for (const char* more : {"serial_number", "detail"}) {
        if (const auto text = word_in(request, more); !text.empty()) {
            std::cout << "  " << text;
        }
    }
    std::cout << "\n";
}

Outcome<int> requests(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    const auto page = options.before.empty() ? "" : "?before=" + escaped(options.before);
    TRY_ASSIGN(const auto answer,
               admin.get("/admin/v1/cmp-requests" + page, "list what was asked for by CMP"));
    return print_list(answer, "requests", options.form, print_request);
}

}  // namespace

void add_cmp(CLI::App& app, Action& chosen) {
    auto* cmp = app.add_subcommand(
        "cmp", "Accounts that ask the built-in CA for certificates of keys kept elsewhere");
    cmp->require_subcommand(1);
    const auto options = std::make_shared<Options>();

    auto* add_command = cmp->add_subcommand("add", "A new account, and its secret");
    add_data_option(*add_command, options->data);
    add_command->add_option("NAME", options->name, "Of a-z, 0-9, '.', '-' and '_'")->required();
    add_command
        ->add_option("--profile",
                     options->profile,
                     "What its certificates are for: person, organisation or device")
        ->capture_default_str();
    add_json_option(*add_command, options->form);
    add_command->callback([options, &chosen] { chosen = [options] { return add(*options); }; });

    auto* list_command = cmp->add_subcommand("list", "The accounts");
    add_data_option(*list_command, options->data);
    add_json_option(*list_command, options->form);
    list_command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });

    auto* secret_command =
        cmp->add_subcommand("secret", "Another secret in place of the one before");
    add_data_option(*secret_command, options->data);
    secret_command->add_option("NAME", options->name)->required();
    add_json_option(*secret_command, options->form);
    secret_command->callback(
        [options, &chosen] { chosen = [options] { return renew_secret(*options); }; });

    auto* remove_command = cmp->add_subcommand(
        "remove", "For good: its messages are answered no more; its certificates stay");
    add_data_option(*remove_command, options->data);
    remove_command->add_option("NAME", options->name)->required();
    add_json_option(*remove_command, options->form);
    remove_command->callback(
        [options, &chosen] { chosen = [options] { return remove(*options); }; });

    auto* requests_command =
        cmp->add_subcommand("requests", "What was asked for, newest first, a hundred at most");
    add_data_option(*requests_command, options->data);
    requests_command->add_option("--before", options->before, "The page after this request")
        ->type_name("ID");
    add_json_option(*requests_command, options->form);
    requests_command->callback(
        [options, &chosen] { chosen = [options] { return requests(*options); }; });
}

}  // namespace server::cli
