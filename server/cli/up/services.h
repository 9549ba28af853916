#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/cli/data_folder.h"
#include "server/cli/up/child_process.h"
#include "server/cli/up/plan.h"
#include "server/cli/up/stop_signal.h"

namespace server::cli::up {

// The processes of one folder: its modules and its server. All of them end with this object.
class Services {
public:
    // `lock` is the descriptor of DIR/lock, which the processes keep open.
    Services(const DataFolder& folder, const Plan& plan, int lock, StopSignal& signals);
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;
    ~Services();

    // Makes the engine's token, by the module's program: one run of it.
    Outcome<void> make_token();

    // Returns when each module listens on its socket; the failure quotes its log when it ends
    // instead.
    Outcome<void> start_modules();
    // Returns when the server serves and reaches every module.
    Outcome<void> start_server();
    // Of a sandbox: those that answer by themselves. They need the server.
    Outcome<void> start_phones();

    // Until a stop is asked for: says when one of them ends, and starts it again after a pause that
    // doubles up to 10 s while it keeps on ending.
    void supervise();

    // The server first, so that what it has under way is answered.
    void stop();

private:
    struct Service {
        std::string name;
        Program program;
        std::filesystem::path errors;  // where a failing start says why
        std::optional<ChildProcess> child;
        std::chrono::steady_clock::time_point started{};
        std::chrono::steady_clock::time_point next_start{};
        std::chrono::milliseconds pause{};
    };

    Outcome<void> start(Service& service);
    Outcome<void> wait_for(Service& service, const std::function<bool()>& ready);
    Failure ended_early(Service& service) const;
    void look_after(Service& service);
    void look_after_board();
    bool is_serving() const;

    DataFolder folder_;
    Plan plan_;
    StopSignal& signals_;
    std::vector<Service> modules_;
    Service server_;
    std::vector<Service> phones_;
};

}  // namespace server::cli::up
