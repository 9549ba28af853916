#include "server/cli/up/services.h"

#include <cstring>
#include <iostream>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "server/cli/admin_client.h"
#include "server/cli/up/board.h"
#include "server/cli/up/sandbox.h"

namespace server::cli::up {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Of a start; on a busy machine a SoftHSM token takes its time.
constexpr auto patience = 60s;
constexpr auto stop_patience = 20s;
constexpr auto pause_first = 100ms;
constexpr auto pause_max = 10'000ms;
// Who has run so long has not failed at its start.
constexpr auto steady = 60s;

// Programs are delivered in one folder.
std::string sibling(const std::string& program) {
    return (fs::read_symlink("/proc/self/exe").parent_path() / program).string();
}

bool listens(const fs::path& socket_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.native().size() >= sizeof(address.sun_path)) {
        return false;
    }
    std::memcpy(address.sun_path, socket_path.c_str(), socket_path.native().size());
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool connected =
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::close(descriptor);
    return connected;
}

// A board runs already; what runs here is the program that shares its line.
std::vector<std::string> module_command(const DataFolder& folder,
                                        const Plan& plan,
                                        unsigned number) {
    if (plan.engine == EngineKind::board) {
        return {sibling("kyso-uart"),
                "--line",
                plan.line,
                "--socket",
                folder.module_socket(number).string()};
    }
    return {sibling("kyso-module"), "--config", folder.module_settings(number).string()};
}

}  // namespace

Services::Services(const DataFolder& folder, const Plan& plan, int lock, StopSignal& signals)
    : folder_(folder), plan_(plan), signals_(signals) {
    for (unsigned number = 1; number <= plan.modules; ++number) {
        Service module;
        module.name = DataFolder::module_name(number);
        module.errors = folder.log() / (module.name + ".jsonl");
        module.program = {module_command(folder, plan, number), module.errors, lock};
        modules_.push_back(std::move(module));
    }
    server_.name = "the server";
    server_.errors = folder.log() / "server.errors";
    server_.program = {{sibling("kyso-server"),
                        "--data",
                        folder.root().string(),
                        "--log",
                        (folder.log() / "server.jsonl").string()},
                       server_.errors,
                       lock};
    if (!plan.sandbox) {
        return;
    }
    for (const auto& person : sandbox_people()) {
        if (person.answer.empty()) {
            continue;
        }
        Service phone;
        phone.name = "the phone of " + std::string(person.signer_id);
        phone.errors = folder.log() / (std::string(person.signer_id) + ".log");
        phone.program = {{sibling("kyso-phone"),
                          "watch",
                          "--store",
                          sandbox_phone(folder, person).string(),
                          "--answer",
                          std::string(person.answer)},
                         phone.errors,
                         lock};
        phones_.push_back(std::move(phone));
    }
}

Services::~Services() {
    stop();
}

Failure Services::ended_early(Service& service) const {
    const auto why = last_line(service.errors);
    return {service.name + " ended at its start (" + end_text(service.child->ended().value_or(0)) +
            ")" + (why.empty() ? "" : ": " + why)};
}

Outcome<void> Services::start(Service& service) {
    TRY_ASSIGN(auto child, ChildProcess::start(service.program));
    service.child = std::move(child);
    service.started = Clock::now();
    return {};
}

Outcome<void> Services::wait_for(Service& service, const std::function<bool()>& ready) {
    const auto deadline = Clock::now() + patience;
    while (!ready()) {
        if (service.child->ended()) {
            return ended_early(service);
        }
        if (Clock::now() > deadline) {
            return Failure{service.name + " does not serve; see " + service.errors.string()};
        }
        if (signals_.wait(2ms) == StopSignal::Event::stop) {
            return Failure{"stopped before " + service.name + " served"};
        }
    }
    return {};
}

Outcome<void> Services::make_token() {
    Service maker = {.name = "kyso-module --make-token",
                     .program = modules_.front().program,
                     .errors = modules_.front().errors,
                     .child = std::nullopt};
    maker.program.command.emplace_back("--make-token");
    TRY(start(maker));
    if (maker.child->wait_for_end(patience) != 0) {
        maker.child->stop(stop_patience);
        return ended_early(maker);
    }
    return {};
}

Outcome<void> Services::start_modules() {
    for (auto& module : modules_) {
        TRY(start(module));
    }
    for (unsigned number = 1; number <= modules_.size(); ++number) {
        TRY(wait_for(modules_[number - 1], [&] { return listens(folder_.module_socket(number)); }));
    }
    return {};
}

bool Services::is_serving() const {
    AdminClient admin(folder_);
    const auto health = admin.get("/healthz", "ask for the health");
    if (!health) {
        return false;
    }
    const auto* operational = health->if_contains("modules_operational");
    return operational != nullptr && operational->is_int64() &&
           operational->get_int64() >= static_cast<std::int64_t>(plan_.modules);
}

Outcome<void> Services::start_server() {
    TRY(start(server_));
    return wait_for(server_, [this] { return is_serving(); });
}

Outcome<void> Services::start_phones() {
    for (auto& phone : phones_) {
        TRY(start(phone));
    }
    return {};
}

void Services::look_after(Service& service) {
    const auto now = Clock::now();
    if (service.child) {
        const auto end = service.child->ended();
        if (!end) {
            return;
        }
        const auto why = *end > 0 ? last_line(service.errors) : std::string();
        std::cerr << "kyso: " << service.name << " ended (" << end_text(*end) << ")"
                  << (why.empty() ? "" : ": " + why) << "; it is started again\n";
        service.pause = now - service.started > steady || service.pause == 0ms
                            ? std::chrono::milliseconds(pause_first)
                            : std::min<std::chrono::milliseconds>(service.pause * 2, pause_max);
        service.next_start = now + service.pause;
        service.child.reset();
    }
    if (now >= service.next_start) {
        if (auto started = start(service); !started) {
            std::cerr << "kyso: " << service.name << ": " << started.error().text << "\n";
            service.next_start = now + pause_max;
        }
    }
}

// A board that was reset is locked again.
void Services::look_after_board() {
    if (const auto unlocked = unlock_board(folder_); !unlocked) {
        std::cerr << "kyso: " << unlocked.error().text << "\n";
    }
}

void Services::supervise() {
    // A child's end wakes at once; the rest of the time this only counts pauses down.
    constexpr auto turn = 100ms;
    constexpr auto idle = 5s;
    while (true) {
        bool waiting = false;
        for (auto& module : modules_) {
            look_after(module);
            waiting = waiting || !module.child;
        }
        look_after(server_);
        waiting = waiting || !server_.child;
        for (auto& phone : phones_) {
            look_after(phone);
            waiting = waiting || !phone.child;
        }
        if (signals_.wait(waiting ? std::chrono::milliseconds(turn) : idle) ==
            StopSignal::Event::stop) {
            return;
        }
        if (plan_.engine == EngineKind::board && !waiting && !is_serving()) {
            look_after_board();
        }
    }
}

void Services::stop() {
    for (auto& phone : phones_) {
        if (phone.child) {
            phone.child->stop(stop_patience);
            phone.child.reset();
        }
    }
    if (server_.child) {
        server_.child->stop(stop_patience);
        server_.child.reset();
    }
    for (auto& module : modules_) {
        if (module.child) {
            module.child->terminate();
        }
    }
    for (auto& module : modules_) {
        if (module.child) {
            module.child->stop(stop_patience);
            module.child.reset();
        }
    }
}

}  // namespace server::cli::up
