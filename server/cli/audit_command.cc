#include <fstream>
#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/audit/verifier.h"
#include "cloudsign/hex.h"
#include "server/cli/challenge.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"

namespace server::cli {
namespace {

namespace json = boost::json;
using cloudsign::audit::AuditVerdict;
using cloudsign::audit::LogVerdict;
using cloudsign::audit::Verdict;

struct Options {
    std::vector<std::string> roots;
    std::string challenge;  // hexadecimal
    std::vector<std::string> logs;
    Form form = Form::text;
};

std::string_view name(Verdict verdict) {
    switch (verdict) {
        case Verdict::complete:
            return "complete";
        case Verdict::unproven:
            return "unproven";
        case Verdict::broken:
            return "broken";
    }
    return "broken";
}

std::string sentence(const LogVerdict& log) {
    const auto last = std::to_string(log.records);
    switch (log.verdict) {
        case Verdict::complete:
            return "complete to " + last;
        case Verdict::unproven:
            return "complete to " + last + ", later unproven (" + log.detail + ")";
        case Verdict::broken:
            return "broken: " + log.detail;
    }
    return {};
}

Outcome<cloudsign::audit::LogFile> read_log(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return usage_failure(file + ": cannot be read");
    }
    auto log = cloudsign::audit::read_log_file(in);
    if (!log) {
        return Failure{file + ": broken: " + log.error().detail};
    }
    return *std::move(log);
}

void print_json(const AuditVerdict& audit, const Options& options) {
    json::array logs;
    for (std::size_t i = 0; i < audit.logs.size(); ++i) {
        const auto& log = audit.logs[i];
        logs.push_back({{"file", options.logs[i]},
                        {"module_id", cloudsign::hex(log.module_id)},
                        {"verdict", name(log.verdict)},
                        {"records", log.records},
                        {"signatures", log.signatures},
                        {"class", cloudsign::audit::class_name(log.assurance_class)},
                        {"root", log.root_subject},
                        {"detail", log.detail}});
    }
    std::cout << json::serialize(json::object{{"verdict", name(audit.verdict)},
                                              {"detail", audit.detail},
                                              {"logs", std::move(logs)}})
              << "\n";
}

void print_text(const AuditVerdict& audit, const Options& options) {
    for (std::size_t i = 0; i < audit.logs.size(); ++i) {
        const auto& log = audit.logs[i];
        std::cout << options.logs[i] << ": module "
                  << cloudsign::hex(hsm::ByteView(log.module_id).first(8)) << ": " << sentence(log)
                  << "\n";
        if (log.verdict != Verdict::broken) {
            std::cout << "  " << log.signatures << " signatures; class "
                      << cloudsign::audit::class_name(log.assurance_class) << ", certified by "
                      << log.root_subject << "\n";
        }
    }
    std::cout << "group: " << name(audit.verdict)
              << (audit.detail.empty() ? "" : ": " + audit.detail) << "\n";
}

Outcome<int> verify(const Options& options) {
    TRY_ASSIGN(const auto roots, read_certificates(options.roots));
    std::optional<hsm::protocol::Nonce> challenge;
    if (!options.challenge.empty()) {
        TRY_ASSIGN(challenge, parse_challenge(options.challenge));
    }
    std::vector<cloudsign::audit::LogFile> logs;
    for (const auto& file : options.logs) {
        TRY_ASSIGN(auto log, read_log(file));
        logs.push_back(std::move(log));
    }
    const auto audit = cloudsign::audit::verify_logs(logs, roots, challenge);
    if (options.form == Form::json) {
        print_json(audit, options);
    } else {
        print_text(audit, options);
    }
    return audit.verdict == Verdict::complete ? exit_done : exit_failed;
}

}  // namespace

void add_audit(CLI::App& app, Action& chosen) {
    auto* audit = app.add_subcommand("audit", "Exported logs, without any server");
    audit->require_subcommand(1);
    auto* command = audit->add_subcommand(
        "verify", "Check the logs of a group; exit status 0 only when they are complete");
    const auto options = std::make_shared<Options>();
    add_root_option(*command, options->roots);
    command
        ->add_option("--challenge",
                     options->challenge,
                     "Over which the heads were asked for; without it nothing proves the end")
        ->type_name("HEX");
    command->add_option("LOG", options->logs, "One exported log of each module")
        ->type_name("")
        ->required();
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return verify(*options); }; });
}

}  // namespace server::cli
