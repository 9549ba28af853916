#include <iostream>

#include <boost/json.hpp>

#include "server/cli/admin_client.h"
#include "server/cli/commands.h"
#include "server/cli/utc_text.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    std::string before;
    std::string id;
    std::string url;
    Form form = Form::text;
};

std::string text_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) {
        return "";
    }
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

// A member in milliseconds since the epoch.
std::string time_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64()) {
        return "";
    }
    return utc_text(value->get_int64() / 1000);
}

void print_webhook(const json::object& webhook) {
    std::cout << text_in(webhook, "id") << "  " << text_in(webhook, "state") << "  "
              << text_in(webhook, "kind") << " " << text_in(webhook, "subject") << "  "
              << text_in(webhook, "url") << "\n";
    const auto* log = webhook.if_contains("log");
    if (log == nullptr || !log->is_array()) {
        return;
    }
    for (const auto& line : log->get_array()) {
        if (const auto* attempt = line.if_object()) {
            std::cout << "    " << time_in(*attempt, "at") << "  " << text_in(*attempt, "status")
                      << "  " << text_in(*attempt, "fault") << "\n";
        }
    }
}

Outcome<int> log(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    const auto page = options.before.empty() ? "" : "?before=" + options.before;
    TRY_ASSIGN(auto answer, admin.get("/admin/v1/webhooks" + page, "show the delivery log"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    const auto* webhooks = answer.if_contains("webhooks");
    if (webhooks != nullptr && webhooks->is_array()) {
        for (const auto& webhook : webhooks->get_array()) {
            if (webhook.is_object()) {
                print_webhook(webhook.get_object());
            }
        }
    }
    return exit_done;
}

Outcome<int> retry(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    json::object body;
    if (!options.url.empty()) {
        body["url"] = options.url;
    }
    TRY_ASSIGN(auto answer,
               admin.post("/admin/v1/webhooks/" + options.id + "/retry",
                          std::move(body),
                          "send the webhook again"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
    } else {
        print_webhook(answer);
    }
    return exit_done;
}

}  // namespace

void add_webhook(CLI::App& app, Action& chosen) {
    auto* webhook = app.add_subcommand("webhook", "What portals are told of their requests");
    webhook->require_subcommand(1);

    auto* log_command = webhook->add_subcommand("log", "The delivery log, newest first");
    const auto logging = std::make_shared<Options>();
    add_data_option(*log_command, logging->data);
    log_command->add_option("--before", logging->before, "The page after this webhook")
        ->type_name("ID");
    add_json_option(*log_command, logging->form);
    log_command->callback([logging, &chosen] { chosen = [logging] { return log(*logging); }; });

    auto* retry_command = webhook->add_subcommand("retry", "Send one again, now");
    const auto retrying = std::make_shared<Options>();
    add_data_option(*retry_command, retrying->data);
    retry_command->add_option("ID", retrying->id, "The webhook's id")->required();
    retry_command
        ->add_option(
            "--url",
            retrying->url,
            "There, from now on (default: where it went before); one of the client's hosts")
        ->type_name("URL");
    add_json_option(*retry_command, retrying->form);
    retry_command->callback(
        [retrying, &chosen] { chosen = [retrying] { return retry(*retrying); }; });
}

}  // namespace server::cli
