#include <iostream>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "hsm/client/endpoint.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"
#include "server/cli/folder_lock.h"
#include "server/cli/up/board.h"
#include "server/cli/up/first_use.h"
#include "server/cli/up/port.h"
#include "server/cli/up/sandbox.h"
#include "server/cli/up/services.h"
#include "server/cli/up/settings.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace up;  // NOLINT: this file composes its parts

// The same line wherever `kyso up` is started from.
std::string absolute_line(const std::string& text) {
    const auto path = text.find(':') + 1;
    return text.empty() ? text : text.substr(0, path) + fs::absolute(text.substr(path)).string();
}

struct Options {
    std::string data;
    std::optional<std::uint16_t> port;
    std::optional<unsigned> modules;
    std::string engine;
    std::string module_user;
    std::string line;
    bool sandbox = false;
    std::string ready_file;

    Wanted wanted() const {
        Wanted wanted{port, modules, std::nullopt, module_user, absolute_line(line), sandbox};
        if (!line.empty()) {
            wanted.engine = EngineKind::board;
        } else if (!engine.empty()) {
            wanted.engine = engine == name(EngineKind::psa) ? EngineKind::psa : EngineKind::softhsm;
        }
        return wanted;
    }
};

// What kyso-uart takes and a setting can hold; "" when it is one.
std::string board_line(const std::string& text) {
    const auto line = hsm::client::parse_endpoint(text);
    const bool is_line = line && (std::holds_alternative<hsm::client::SerialPath>(*line) ||
                                  std::holds_alternative<hsm::client::FramedUnixPath>(*line));
    const bool plain = text.find_first_of("\"\\\n") == std::string::npos;
    return is_line && plain ? "" : "names no line: serial:/dev/ttyACM0, or uart+unix:PATH";
}

bool is_first_use(const DataFolder& folder) {
    return fs::exists(folder.unfinished()) || !fs::exists(folder.settings());
}

// A folder that holds anything else was meant for something else.
Outcome<void> check_empty(const DataFolder& folder) {
    if (fs::exists(folder.unfinished())) {
        std::cout << "An earlier first use of " << folder.root().string()
                  << " was interrupted; starting anew.\n";
        return {};
    }
    for (const auto& entry : fs::directory_iterator(folder.root())) {
        if (entry.path() != folder.lock()) {
            return usage_failure(folder.root().string() +
                                 ": is not empty and has no kyso.toml; "
                                 "name a folder of its own with --data");
        }
    }
    return {};
}

Outcome<void> check_paths(const DataFolder& folder) {
    // sockaddr_un has room for 107 bytes; the longest name of ours is a module's, to which
    // kyso-uart adds ".new" until it listens.
    constexpr std::size_t path_max = 107 - 4;
    if (folder.module_socket(1).native().size() > path_max) {
        return usage_failure(folder.root().string() +
                             ": the name is too long for the sockets in it; choose a shorter one");
    }
    if (folder.root().native().find_first_of("\"\n") != std::string::npos) {
        return usage_failure(folder.root().string() +
                             ": a database's name can hold no quotation marks or line ends");
    }
    return {};
}

Outcome<void> check_user(const std::string& module_user) {
    if (!module_user.empty() && ::geteuid() != 0) {
        return usage_failure("--module-user: only root can run the modules as another user");
    }
    if (!module_user.empty() && ::getpwnam(module_user.c_str()) == nullptr) {
        return usage_failure("--module-user: there is no user " + module_user);
    }
    return {};
}

void print_summary(const DataFolder& folder, const Plan& plan) {
    const auto line = [](std::string_view name, const std::string& value) {
        std::cout << "  " << name << std::string(22 - name.size(), ' ') << value << "\n";
    };
    std::cout << "Kyso serves. TEST class \"" << class_of(plan.engine)
              << "\": keys in software, for trying out and for tests; no real signatures.\n";
    line("API", url_of(plan.hosts.api, plan.port));
    line("approve", url_of(plan.hosts.approve, plan.port));
    line("office", url_of(plan.hosts.office, plan.port));
    if (!plan.hosts.portal.empty()) {
        line("signing portal", url_of(plan.hosts.portal, plan.port));
    }
    line("HTTPS authority", folder.tls_authority().string());
    line("signers' CA", folder.signing_authority().string());
    line("modules' root", folder.module_root().string());
    line("officer's phone", folder.officer_phone().string());
    line("log", folder.log().string());
    line("modules",
         std::to_string(plan.modules) + " on " +
             (plan.line.empty() ? std::string(name(plan.engine)) : plan.line) +
             (plan.module_user.empty() ? ", under the server's own user"
                                       : ", as user " + plan.module_user));
    if (plan.sandbox) {
        std::cout << "A sandbox; its people, and what asking them comes to:\n";
        for (const auto& person : sandbox_people()) {
            line(person.signer_id, std::string(person.meaning));
        }
    }
    std::cout << "Stop with Ctrl-C or: kill " << ::getpid() << "\n" << std::flush;
}

Outcome<void> say_ready(const Options& options, const Plan& plan) {
    if (options.ready_file.empty()) {
        return {};
    }
    const json::object ready{{"pid", ::getpid()}, {"url", url_of(plan.hosts.api, plan.port)}};
    return write_file(options.ready_file, json::serialize(ready) + "\n");
}

Outcome<void> start_first(const DataFolder& folder, const Plan& plan, Services& services) {
    std::cout << "Setting up " << folder.root().string() << " …\n" << std::flush;
    if (plan.engine != EngineKind::board) {
        TRY(services.make_token());
    }
    if (!plan.module_user.empty()) {
        TRY(hand_over(folder, plan));
    }
    TRY(services.start_modules());
    if (plan.engine == EngineKind::board) {
        TRY(introduce_board(folder));
        TRY(unlock_board(folder));
    }
    TRY(provision(folder, plan));
    TRY(services.start_server());
    TRY(appoint(folder));
    if (plan.sandbox) {
        TRY(populate_sandbox(folder));
    }
    std::error_code error;
    fs::remove(folder.unfinished(), error);
    if (error) {
        return usage_failure(folder.unfinished().string() + ": " + error.message());
    }
    return {};
}

Outcome<void> start_again(const DataFolder& folder, const Plan& plan, Services& services) {
    if (plan.engine == EngineKind::softhsm) {
        TRY(write_softhsm_configuration(folder));
    }
    TRY(services.start_modules());
    if (plan.engine == EngineKind::board) {
        TRY(unlock_board(folder));
    }
    return services.start_server();
}

Outcome<int> serve(const Options& options,
                   const DataFolder& folder,
                   const Plan& plan,
                   const FolderLock& lock,
                   StopSignal& signals,
                   bool first) {
    Services services(folder, plan, lock.descriptor(), signals);
    const auto started =
        first ? start_first(folder, plan, services) : start_again(folder, plan, services);
    if (!started) {
        return signals.is_requested() ? Outcome<int>(exit_done) : Outcome<int>(started.error());
    }
    TRY(services.start_phones());
    print_summary(folder, plan);
    TRY(say_ready(options, plan));
    services.supervise();
    std::cout << "Stopping …\n" << std::flush;
    services.stop();
    if (!options.ready_file.empty()) {
        ::unlink(options.ready_file.c_str());
    }
    return exit_done;
}

Outcome<int> run_up(const Options& options) {
    const DataFolder folder(options.data);
    const auto wanted = options.wanted();
    StopSignal signals;
    ::umask(077);  // for all that the processes make
    TRY(check_paths(folder));
    TRY(check_user(wanted.module_user));
    TRY(make_folder(folder.root()));
    TRY_ASSIGN(const auto lock, FolderLock::take(folder));
    if (is_first_use(folder)) {
        TRY(check_empty(folder));
        TRY_ASSIGN(const auto claim, PortClaim::choose(wanted.port));
        const Plan plan{claim.port(),
                        wanted.modules.value_or(1),
                        wanted.engine.value_or(EngineKind::softhsm),
                        wanted.module_user,
                        wanted.line,
                        wanted.sandbox,
                        {}};
        TRY(lay_out(folder, plan));
        return serve(options, folder, plan, lock, signals, true);
    }
    TRY_ASSIGN(auto plan, read_plan(folder));
    TRY(check_wanted(folder, plan, wanted));
    // A board's line may change: its keys, not its plug, say which board it is.
    if (!wanted.line.empty() && wanted.line != plan.line) {
        plan.line = wanted.line;
        TRY(write_board_settings(folder, plan));
    }
    TRY(check_user(plan.module_user));
    const auto claim = PortClaim::take(plan.port);
    if (!claim) {
        return Failure{"port " + std::to_string(plan.port) + ", which " +
                       folder.settings().string() +
                       " names, is taken (ss -ltnp 'sport = :" + std::to_string(plan.port) + "')"};
    }
    return serve(options, folder, plan, lock, signals, false);
}

}  // namespace

void add_up(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand(
        "up", "Start modules and server on a folder, which is set up at first use; stay with them");
    const auto options = std::make_shared<Options>();
    command->add_option("--data", options->data, "Holds everything; made when it is not there")
        ->type_name("DIR")
        ->required();
    command
        ->add_option(
            "--port", options->port, "HTTPS (first use; default: the first free from 8443)")
        ->type_name("N")
        ->check(CLI::Range(1, 65535));
    auto* modules =
        command->add_option("--modules", options->modules, "In the group (first use; default: 1)")
            ->type_name("N")
            ->check(CLI::Range(1, 2));
    auto* engine =
        command
            ->add_option(
                "--engine", options->engine, "Holds the keys (first use; default: softhsm)")
            ->check(CLI::IsMember({"softhsm", "psa"}));
    auto* user =
        command
            ->add_option("--module-user",
                         options->module_user,
                         "Existing user under which the modules run (first use; needs root)")
            ->type_name("NAME");
    command
        ->add_option("--board",
                     options->line,
                     "The module is a board that runs already: serial:PATH, or uart+unix:PATH for "
                     "an emulated one (first use)")
        ->type_name("LINE")
        ->check(board_line)
        ->excludes(modules, engine, user);
    command->add_flag("--sandbox",
                      options->sandbox,
                      "With people whose phones answer by themselves, for writing a portal (first "
                      "use)");
    command
        ->add_option("--ready-file",
                     options->ready_file,
                     "Written when it serves, with its process id and URL; removed at the end")
        ->type_name("FILE");
    command->callback([options, &chosen] { chosen = [options] { return run_up(*options); }; });
}

}  // namespace server::cli
