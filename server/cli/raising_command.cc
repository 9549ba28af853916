#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/raising/raisings.h"
#include "server/cli/admin_client.h"
#include "server/cli/commands.h"
#include "server/cli/utc_text.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    std::string after;
    bool retries = false;
    Form form = Form::text;
};

std::int64_t number_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

// What happens next, and when.
std::string outlook(const json::object& raising, std::string_view state) {
    if (state == "raising") {
        return "next at " + utc_text(number_in(raising, "next_at") / 1000);
    }
    return "kept until " + utc_text(number_in(raising, "keep_until") / 1000);
}

Outcome<int> print(const json::object& raising) {
    TRY_ASSIGN(const auto id, text_of(raising, "id"));
    TRY_ASSIGN(const auto client, text_of(raising, "client_id"));
    TRY_ASSIGN(const auto state, text_of(raising, "state"));
    TRY_ASSIGN(const auto reached, text_of(raising, "reached"));
    TRY_ASSIGN(const auto target, text_of(raising, "target"));
    TRY_ASSIGN(const auto fault, text_of(raising, "fault"));
    std::cout << cloudsign::raising::brief_id(id) << "  "
              << utc_text(number_in(raising, "created_at") / 1000) << "  " << client << "  "
              << state << "  " << reached << " of " << target << "  "
              << number_in(raising, "attempts") << " attempts, " << outlook(raising, state)
              << (fault.empty() ? "" : "  ") << fault << "\n";
    return exit_done;
}

Outcome<int> list(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    if (options.retries) {
        TRY_ASSIGN(const auto answer,
                   admin.post("/admin/v1/raisings/retry", json::object(), "try the documents now"));
        if (options.form == Form::json) {
            std::cout << json::serialize(answer) << "\n";
        } else {
            std::cout << number_in(answer, "due") << " documents are tried now\n";
        }
        return exit_done;
    }
    const auto page = options.after.empty() ? "" : "?after=" + escaped(options.after);
    TRY_ASSIGN(auto answer, admin.get("/admin/v1/raisings" + page, "list the documents"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    if (const auto* raisings = answer.if_contains("raisings"); raisings && raisings->is_array()) {
        for (const auto& raising : raisings->get_array()) {
            if (raising.is_object()) {
                TRY(print(raising.get_object()));
            }
        }
    }
    return exit_done;
}

}  // namespace

void add_raising(CLI::App& document, Action& chosen) {
    auto* command = document.add_subcommand(
        "raising",
        "Documents of signatures/signDoc that missed their level since an authority failed, and "
        "what becomes of them; the oldest first");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    auto* after =
        command
            ->add_option(
                "--after", options->after, "The page after this document; --json has whole ids")
            ->type_name("ID");
    command->add_flag("--retry", options->retries, "Try all of them now: the authority is back")
        ->excludes(after);
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
}

}  // namespace server::cli
