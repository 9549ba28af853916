#include "server/cli/up/stop_signal.h"

#include <csignal>
#include <ctime>

namespace server::cli::up {
namespace {

sigset_t watched() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
        ::sigaddset(&set, signal);
    }
    return set;
}

}  // namespace

StopSignal::StopSignal() {
    const auto set = watched();
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

StopSignal::Event StopSignal::wait(std::chrono::milliseconds duration) {
    if (requested_) {
        return Event::stop;
    }
    const auto set = watched();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    const timespec timeout{static_cast<time_t>(seconds.count()),
                           static_cast<long>(std::chrono::nanoseconds(duration - seconds).count())};
    const int signal = ::sigtimedwait(&set, nullptr, &timeout);
    if (signal == SIGCHLD) {
        return Event::child;
    }
    requested_ = signal > 0;
    return requested_ ? Event::stop : Event::none;
}

bool StopSignal::is_requested() {
    // A child's end in between is not lost on anybody: who waits for one looks itself.
    while (true) {
        const auto event = wait(std::chrono::milliseconds(0));
        if (event != Event::child) {
            return event == Event::stop;
        }
    }
}

void restore_signals() {
    const auto set = watched();
    std::signal(SIGPIPE, SIG_DFL);
    ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace server::cli::up
