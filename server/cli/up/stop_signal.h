#pragma once

#include <chrono>

namespace server::cli::up {

// SIGINT, SIGTERM, SIGHUP and SIGCHLD, from the constructor on only seen through this object. One
// per process, made before any thread.
class StopSignal {
public:
    StopSignal();

    enum class Event { stop, child, none };

    // The next event, waiting at most so long. After the first `stop`, always `stop`.
    Event wait(std::chrono::milliseconds duration);

    // Whether to stop, without waiting.
    bool is_requested();

private:
    bool requested_ = false;
};

// For a child between fork and exec: signals as they were for a program of its own.
void restore_signals();

}  // namespace server::cli::up
