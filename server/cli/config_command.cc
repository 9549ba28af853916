#include <algorithm>
#include <iostream>

#include <boost/json.hpp>

#include "server/cli/admin_client.h"
#include "server/cli/commands.h"
#include "server/cli/config_check.h"
#include "server/config/reference.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    Form form = Form::text;
};

std::string_view word(Verdict verdict) {
    switch (verdict) {
        case Verdict::good:
            return "good";
        case Verdict::doubtful:
            return "doubtful";
        case Verdict::wrong:
            return "wrong";
    }
    return "wrong";
}

void print_findings(const std::vector<Finding>& findings, Form form) {
    if (form == Form::json) {
        json::array list;
        for (const auto& one : findings) {
            list.push_back(json::object{{"verdict", word(one.verdict)}, {"text", one.text}});
        }
        std::cout << json::serialize(json::object{{"findings", std::move(list)}}) << "\n";
        return;
    }
    for (const auto& one : findings) {
        std::cout << word(one.verdict) << "\t" << one.text << "\n";
    }
}

Outcome<int> check_all(const Options& options) {
    const auto config = config::load_config(DataFolder(options.data).root());
    const auto findings =
        config ? check(*config) : std::vector<Finding>{{Verdict::wrong, config.error()}};
    print_findings(findings, options.form);
    const bool is_wrong =
        std::ranges::find(findings, Verdict::wrong, &Finding::verdict) != findings.end();
    return is_wrong ? exit_failed : exit_done;
}

Outcome<int> reload(const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.post("/admin/v1/reload", json::object(), "reload kyso.toml"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    std::cout << "certificate and pre-shared keys are read again\n";
    const auto* waiting = answer.if_contains("needs_restart");
    if (waiting != nullptr && waiting->is_array()) {
        for (const auto& key : waiting->get_array()) {
            std::cout << "changed, and takes effect at the next start: " << key.as_string() << "\n";
        }
    }
    return exit_done;
}

Outcome<int> print_reference() {
    std::cout << config::reference();
    return exit_done;
}

}  // namespace

void add_config(CLI::App& app, Action& chosen) {
    auto* group = app.add_subcommand("config", "The settings in kyso.toml");
    group->require_subcommand(1);
    const auto add = [&](const char* name, const char* what, Outcome<int> (*run)(const Options&)) {
        auto* command = group->add_subcommand(name, what);
        const auto options = std::make_shared<Options>();
        add_data_option(*command, options->data);
        add_json_option(*command, options->form);
        command->callback([options, run, &chosen] { chosen = [=] { return run(*options); }; });
    };
    add("check", "Read kyso.toml and what it names, and say what is wrong", check_all);
    add("reload", "Have the running server read its certificate and pre-shared keys again", reload);
    group->add_subcommand("reference", "Print what kyso.toml may hold (Markdown)")
        ->callback([&chosen] { chosen = print_reference; });
}

}  // namespace server::cli
