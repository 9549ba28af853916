#include "server/cli/firmware_module.h"

#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "hsm/cli/firmware_install.h"
#include "server/cli/ceremony_module.h"
#include "server/cli/firmware_release.h"

namespace server::cli {
namespace {

namespace json = boost::json;
namespace wire = hsm::protocol;
using hsm::Bytes;
using hsm::client::Session;
using hsm::custodian::FileKind;

// A board erases and verifies flash for seconds.
constexpr std::chrono::minutes module_patience{2};

hsm::cli::AskModule asking(Session& session) {
    return [&session](hsm::ByteView request) -> hsm::Result<Bytes> {
        const auto deadline = hsm::client::after(module_patience);
        TRY(session.send(request, deadline));
        TRY_ASSIGN(const auto answer, session.receive(deadline));
        return Bytes(answer.begin(), answer.end());
    };
}

std::string_view stage_name(wire::UpdateStage stage) {
    switch (stage) {
        case wire::UpdateStage::none:
            return "none";
        case wire::UpdateStage::written:
            return "written";
        case wire::UpdateStage::pending:
            return "pending";
        case wire::UpdateStage::on_trial:
            return "on trial";
    }
    return "unknown";
}

}  // namespace

Outcome<int> prepare_update(const FirmwareModuleOptions& options) {
    TRY_ASSIGN(const auto package, read_package(options.package));
    TRY_ASSIGN(auto session, connect(options.module, options.psk));
    TRY_ASSIGN(const auto info, ask(session, "get_info", wire::GetInfoRequest{}));
    auto statement = hsm::cli::update_statement(info->configuration, package);
    if (!statement) {
        return Failure{"the module is in no group: nobody has to approve what it installs"};
    }
    TRY(write_fields(
        FileKind::update,
        options.out,
        {{"configuration", Bytes(info->configuration.begin(), info->configuration.end())},
         {"statement", *std::move(statement)}}));
    show(package, options.form);
    return exit_done;
}

Outcome<int> install_update(const FirmwareModuleOptions& options) {
    TRY_ASSIGN(const auto package, read_package(options.package));
    CeremonyFiles files;
    files.reserve(options.approvals.size());
    TRY_ASSIGN(const auto approvals, read_approvals(options.approvals, files));
    TRY_ASSIGN(auto session, connect(options.module, options.psk));
    const auto installed =
        hsm::cli::install_release(asking(session), package, approvals, host_time_ms());
    if (!installed) {
        return refused("the module does not take the release", installed.error());
    }
    show(package, options.form);
    std::cerr << "kyso: the module starts it at its next start, and keeps it once unlocked\n";
    return exit_done;
}

Outcome<int> show_update(const FirmwareModuleOptions& options) {
    TRY_ASSIGN(auto session, connect(options.module, options.psk));
    TRY_ASSIGN(const auto state, ask(session, "update_state", wire::UpdateStateRequest{}));
    const json::object shown{{"board", state->board},
                             {"version", hsm::cli::firmware_version_text(state->version)},
                             {"security_version", state->security_version},
                             {"security_floor", state->security_floor},
                             {"firmware_hash", cloudsign::hex(state->firmware_hash)},
                             {"next", stage_name(state->stage)},
                             {"next_hash", cloudsign::hex(state->next_hash)},
                             {"next_written", state->written}};
    if (options.form == Form::json) {
        std::cout << json::serialize(shown) << "\n";
        return exit_done;
    }
    for (const auto& [name, value] : shown) {
        std::cout << std::string(name) << "  "
                  << (value.is_string() ? std::string(value.as_string()) : json::serialize(value))
                  << "\n";
    }
    return exit_done;
}

}  // namespace server::cli
