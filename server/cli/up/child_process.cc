#include "server/cli/up/child_process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "server/cli/up/stop_signal.h"

namespace server::cli::up {
namespace {

constexpr int exec_failed = 127;

// Nothing here may allocate: between fork and exec only async-signal-safe calls are sure.
[[noreturn]] void become(char* const* arguments, const Program& program, int output, pid_t parent) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) {
        ::_exit(exec_failed);
    }
    restore_signals();
    const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0 || ::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
        ::dup2(output, STDERR_FILENO) < 0) {
        ::_exit(exec_failed);
    }
    if (program.kept_descriptor >= 0) {
        ::fcntl(program.kept_descriptor, F_SETFD, 0);
    }
    ::execv(arguments[0], arguments);
    ::_exit(exec_failed);
}

}  // namespace

Outcome<ChildProcess> ChildProcess::start(const Program& program) {
    const auto& path = program.command.front();
    if (::access(path.c_str(), X_OK) != 0) {
        return usage_failure(path + ": " + std::strerror(errno));
    }
    const int output =
        ::open(program.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0) {
        return usage_failure(program.output.string() + ": " + std::strerror(errno));
    }
    auto command = program.command;
    std::vector<char*> arguments;
    for (auto& argument : command) {
        arguments.push_back(argument.data());
    }
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
        become(arguments.data(), program, output, parent);
    }
    const int error = errno;
    ::close(output);
    if (child < 0) {
        return Failure{path + ": " + std::strerror(error)};
    }
    return ChildProcess(child);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), end_(other.end_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(end_, other.end_);
    return *this;
}

ChildProcess::~ChildProcess() {
    if (pid_ > 0 && !ended()) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

std::optional<int> ChildProcess::ended() {
    int status = 0;
    if (!end_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
        end_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    return end_;
}

std::optional<int> ChildProcess::wait_for_end(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!ended() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return end_;
}

void ChildProcess::terminate() {
    if (pid_ > 0 && !ended()) {
        ::kill(pid_, SIGTERM);
    }
}

void ChildProcess::stop(std::chrono::milliseconds patience) {
    terminate();
    if (pid_ > 0 && !wait_for_end(patience)) {
        ::kill(pid_, SIGKILL);
        static_cast<void>(wait_for_end(patience));
    }
}

std::string end_text(int end) {
    return end >= 0 ? "status " + std::to_string(end) : "signal " + std::to_string(-end);
}

std::string last_line(const std::filesystem::path& file) {
    constexpr std::streamoff tail = 4096;
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    const auto size = static_cast<std::streamoff>(in.tellg());
    if (!in || size <= 0) {
        return {};
    }
    in.seekg(size > tail ? size - tail : 0);
    std::string line;
    std::string last;
    while (std::getline(in, line)) {
        if (!line.empty()) {
            last = line;
        }
    }
    return last;
}

}  // namespace server::cli::up
