#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <variant>

#include "server/http/response.h"
#include "server/http/signal.h"

namespace server::http {

struct Hold;
struct Continue;
struct EventStream;

// A handler's answer: now, held until something happens, from the blocking pool, or again and
// again.
using Outcome = std::variant<Response, Hold, Continue, EventStream>;

enum class Wake : std::uint8_t {
    notified,
    deadline,
    stopping,  // the server is stopping: answer now, whatever the state
};

// Keeps the request open, occupying no thread, until `signal` advances beyond generation `seen`,
// until `deadline`, or until the server stops; then `resume` runs on a fiber. When the peer
// disconnects first, `resume` is dropped without being called.
//
// `resume` must not refer to the Request: its body and headers are released while it is held.
// It may answer with another Hold, except to Wake::stopping.
struct Hold {
    std::shared_ptr<Signal> signal;
    std::uint64_t seen = 0;
    std::chrono::steady_clock::time_point deadline;
    std::function<Outcome(Wake)> resume;
};

// The rest computes for long, or waits under a mutex: `work` runs on the blocking pool, or on the
// one for password hashes. The Request is still there.
struct Continue {
    enum class Where : std::uint8_t { pool, passwords };

    std::function<Outcome()> work;
    Where where = Where::pool;
};

// Answers 200 with an event stream (HTML Living Standard §9.2) that occupies no thread: `event` at
// once and whenever `signal` has advanced, and a comment when there is nothing to say for long.
// Advances that come together are told once, so an event is a hint that something has changed, and
// never the change itself. Ends once it has told what ended the signal (Signal::end), when
// `revoked` has advanced beyond `revoked_seen`, at `until`, when the peer disconnects, or when the
// server stops; then `signal` is let go of. Only a row with Execution::held may answer so.
struct EventStream {
    std::shared_ptr<Signal> signal;
    std::string_view event;  // static storage; one whole event with its empty line
    std::chrono::steady_clock::time_point until;
    // Of what gives the peer the right to listen; none: nothing takes it away before `until`.
    std::shared_ptr<Signal> revoked{};
    std::uint64_t revoked_seen = 0;
};

}  // namespace server::http
