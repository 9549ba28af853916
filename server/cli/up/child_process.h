#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "server/cli/failure.h"

namespace server::cli::up {

struct Program {
    std::vector<std::string> command;  // the first is the program's path
    std::filesystem::path output;      // standard output and error are appended there
    int kept_descriptor = -1;          // stays open in the child
};

// A child in a process group of its own, so that a Ctrl-C reaches only its parent, who knows the
// order in which to stop. It gets SIGTERM when this process dies.
class ChildProcess {
public:
    // A usage failure when there is no such program.
    static Outcome<ChildProcess> start(const Program& program);

    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();  // SIGKILL if it still runs

    pid_t pid() const { return pid_; }

    // How it ended: the exit status, or minus the signal. Nothing while it runs.
    std::optional<int> ended();
    std::optional<int> wait_for_end(std::chrono::milliseconds patience);

    void terminate();  // SIGTERM
    // SIGTERM, then SIGKILL when it takes longer.
    void stop(std::chrono::milliseconds patience);

private:
    explicit ChildProcess(pid_t pid) : pid_(pid) {}

    pid_t pid_;
    std::optional<int> end_;
};

// "status 2", "signal 9".
std::string end_text(int end);

// What the file says at its end, for people: its last line.
std::string last_line(const std::filesystem::path& file);

}  // namespace server::cli::up
