#include "server/cli/up/settings.h"

#include <toml++/toml.h>
#include <unistd.h>

#include "server/cli/files.h"
#include "server/cli/up/sandbox.h"
#include "server/config/config.h"

namespace server::cli::up {
namespace {

constexpr std::string_view token_label = "kyso";

std::string server_settings(const Plan& plan) {
    std::string text =
        "# kyso-server and kyso read this file; `kyso up` made it. The port is part of the origin\n"
        "# that the modules know: another one needs another folder.\n"
        "[server]\n"
        "port = " +
        std::to_string(plan.port) + "\n\n[hosts]\nportal = \"" + plan.hosts.portal + "\"\n";
    if (plan.sandbox) {
        text +=
            "\n# A sandbox: nobody waits ten minutes for a request to expire.\n"
            "[times]\nanswer_seconds = 60\n";
    }
    for (unsigned number = 1; number <= plan.modules; ++number) {
        const auto name = DataFolder::module_name(number);
        text.append("\n[[module]]\nendpoint = \"unix:run/").append(name);
        text.append(".sock\"\npsk = \"psk/").append(name).append("/server.psk\"\n");
    }
    return text;
}

std::string board_settings(const Plan& plan) {
    return "# kyso up reads this file: the serial line of the board, which it shares out.\n"
           "engine = \"" +
           std::string(up::name(EngineKind::board)) + "\"\nline = \"" + plan.line + "\"\n";
}

std::string module_settings(const Plan& plan, unsigned number) {
    if (plan.engine == EngineKind::board) {
        return board_settings(plan);
    }
    const auto name = DataFolder::module_name(number);
    std::string text =
        "# kyso-module reads this file; board/host/README.md lists the settings.\n"
        "socket = \"../run/" +
        name + ".sock\"\nstore = \"store.bin\"\npsk_folder = \"../psk/" + name + "\"\nname = \"" +
        name + "\"\nclass = \"" + std::string(class_of(plan.engine)) + "\"\nengine = \"" +
        std::string(up::name(plan.engine)) +
        "\"\npin_file = \"../engine-pin\"\nserver_uid = " + std::to_string(::geteuid()) + "\n";
    if (!plan.module_user.empty()) {
        text += "user = \"" + plan.module_user + "\"\n";
    }
    if (plan.engine == EngineKind::softhsm) {
        return text + "\n[softhsm]\nconfiguration = \"../softhsm/softhsm2.conf\"\ntoken = \"" +
               std::string(token_label) + "\"\n";
    }
    return text + "\n[psa]\ntoken = \"../psa/token\"\n";
}

Failure fixed(const DataFolder& folder, const std::string& what, const std::string& value) {
    return usage_failure(folder.root().string() + " was made with " + what + " " + value +
                         ", and keeps it; another needs another folder");
}

}  // namespace

std::string url_of(std::string_view host, std::uint16_t port) {
    constexpr std::uint16_t https = 443;
    return "https://" + std::string(host) + (port == https ? "" : ":" + std::to_string(port));
}

Outcome<void> write_softhsm_configuration(const DataFolder& folder) {
    return write_file(folder.softhsm() / "softhsm2.conf",
                      "directories.tokendir = " + (folder.softhsm() / "tokens").string() +
                          "\nobjectstore.backend = file\nlog.level = ERROR\n"
                          "slots.removable = false\n");
}

Outcome<void> write_board_settings(const DataFolder& folder, const Plan& plan) {
    return write_file(folder.module_settings(1), board_settings(plan));
}

Outcome<void> write_settings(const DataFolder& folder, const Plan& plan) {
    for (unsigned number = 1; number <= plan.modules; ++number) {
        TRY(make_folder(folder.module_folder(number)));
        TRY(write_file(folder.module_settings(number), module_settings(plan, number)));
    }
    if (plan.engine == EngineKind::softhsm) {
        TRY(make_folder(folder.softhsm() / "tokens"));
        TRY(write_softhsm_configuration(folder));
    } else if (plan.engine == EngineKind::psa) {
        TRY(make_folder(folder.psa()));
    }
    return write_file(folder.settings(), server_settings(plan));
}

Outcome<Plan> read_plan(const DataFolder& folder) {
    const auto config = config::load_config(folder.root());
    if (!config) {
        return usage_failure(config.error());
    }
    Plan plan;
    plan.port = config->port;
    plan.hosts = {config->api_host,
                  config->login_host,
                  config->approve_host,
                  config->office_host,
                  config->portal_host,
                  config->mtls_host};
    plan.modules = static_cast<unsigned>(config->modules.size());
    const auto file = folder.module_settings(1);
    try {
        const auto table = toml::parse_file(file.string());
        const auto engine = table["engine"].value_or(std::string());
        for (const auto kind : {EngineKind::softhsm, EngineKind::psa, EngineKind::board}) {
            plan.engine = engine == up::name(kind) ? kind : plan.engine;
        }
        plan.module_user = table["user"].value_or(std::string());
        plan.line = table["line"].value_or(std::string());
    } catch (const toml::parse_error& error) {
        return usage_failure(file.string() + ": " + std::string(error.description()));
    }
    plan.sandbox = is_sandbox(folder);
    return plan;
}

Outcome<void> check_wanted(const DataFolder& folder, const Plan& plan, const Wanted& wanted) {
    if (wanted.port && *wanted.port != plan.port) {
        return fixed(folder, "port", std::to_string(plan.port));
    }
    if (wanted.modules && *wanted.modules != plan.modules) {
        return fixed(folder, "modules:", std::to_string(plan.modules));
    }
    if (wanted.engine && *wanted.engine != plan.engine) {
        return fixed(folder, "engine", std::string(up::name(plan.engine)));
    }
    if (!wanted.module_user.empty() && wanted.module_user != plan.module_user) {
        return fixed(
            folder,
            "modules under",
            plan.module_user.empty() ? "the server's own user" : "the user " + plan.module_user);
    }
    if (wanted.sandbox && !plan.sandbox) {
        return usage_failure(folder.root().string() +
                             " is no sandbox; it needs a folder of its own");
    }
    return {};
}

}  // namespace server::cli::up
