#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <variant>

#include "server/http/response.h"
#include "server/http/signal.h"

namespace server::http {

struct Hold;
struct Continue;

// A handler's answer: now, held until something happens, or from the blocking pool.
using Outcome = std::variant<Response, Hold, Continue>;

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

}  // namespace server::http
