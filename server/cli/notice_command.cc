#include <chrono>
#include <iostream>
#include <thread>

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
    std::string to;
    std::string language;
    Form form = Form::text;
};

Outcome<int> print(const json::object& notice) {
    TRY_ASSIGN(const auto state, text_of(notice, "state"));
    TRY_ASSIGN(const auto kind, text_of(notice, "kind"));
    TRY_ASSIGN(const auto address, text_of(notice, "address"));
    TRY_ASSIGN(const auto fault, text_of(notice, "fault"));
    const auto* at = notice.if_contains("created_at");
    std::cout << (at != nullptr && at->is_int64() ? utc_text(at->get_int64() / 1000) : "") << "  "
              << state << "  " << kind << "  " << address << (fault.empty() ? "" : "  ") << fault
              << "\n";
    return exit_done;
}

Outcome<int> log(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    const auto page = options.before.empty() ? "" : "?before=" + options.before;
    TRY_ASSIGN(auto answer, admin.get("/admin/v1/notices" + page, "show the mail"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    if (const auto* notices = answer.if_contains("notices"); notices && notices->is_array()) {
        for (const auto& notice : notices->get_array()) {
            if (notice.is_object()) {
                TRY(print(notice.get_object()));
            }
        }
    }
    return exit_done;
}

Outcome<int> trial(const Options& options) {
    constexpr auto patience = std::chrono::seconds(60);
    constexpr auto pause = std::chrono::milliseconds(200);
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto notice,
               admin.post("/admin/v1/notices",
                          {{"to", options.to}, {"language", options.language}},
                          "send a trial mail"));
    TRY_ASSIGN(const auto id, text_of(notice, "id"));
    const auto until = std::chrono::steady_clock::now() + patience;
    // Over when the mail server has said something, be it that it shall be tried again.
    const auto is_tried = [&] {
        const auto* attempts = notice.if_contains("attempts");
        return attempts != nullptr && *attempts != 0;
    };
    while (!is_tried() && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(pause);
        TRY_ASSIGN(notice, admin.get("/admin/v1/notices/" + id, "look at the trial mail"));
    }
    if (options.form == Form::json) {
        std::cout << json::serialize(notice) << "\n";
    } else {
        TRY(print(notice));
    }
    TRY_ASSIGN(const auto state, text_of(notice, "state"));
    return state == "delivered" ? exit_done : exit_failed;
}

}  // namespace

void add_notice(CLI::App& app, Action& chosen) {
    auto* notice =
        app.add_subcommand("notice", "What people are told by mail about their keys and phones");
    notice->require_subcommand(1);

    auto* log_command = notice->add_subcommand("log", "The delivery log, newest first");
    const auto logging = std::make_shared<Options>();
    add_data_option(*log_command, logging->data);
    log_command->add_option("--before", logging->before, "The page after this notice")
        ->type_name("ID");
    add_json_option(*log_command, logging->form);
    log_command->callback([logging, &chosen] { chosen = [logging] { return log(*logging); }; });

    auto* trial_command = notice->add_subcommand(
        "trial", "Send a mail that tells of nothing, and say what came of it");
    const auto trying = std::make_shared<Options>();
    add_data_option(*trial_command, trying->data);
    trial_command->add_option("--to", trying->to, "The address")
        ->type_name("NAME@HOST")
        ->required();
    trial_command->add_option("--language", trying->language, "vi or en (default: vi)")
        ->check(CLI::IsMember({"vi", "en"}))
        ->type_name("TAG");
    add_json_option(*trial_command, trying->form);
    trial_command->callback([trying, &chosen] { chosen = [trying] { return trial(*trying); }; });
}

}  // namespace server::cli
