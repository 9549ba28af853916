#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/http/outcome.h"
#include "server/http/request.h"

// What handlers reach the product through. The API defines it; the shell only passes it on.
namespace server::api {
struct Context;
}

namespace server::http {

enum class Host : std::uint8_t { any, api, login, approve, office, portal, admin };

// Who may call a route; the API's GuardCheck says what each asks for. `local` is also enforced by
// the shell itself: only the admin socket reaches such a row. `browser`: a page of ours, so that
// what changes something must come from one; `office_page`: one of the office's. `newcomer`: a
// phone on its way into an old one's place. The office's others ask for somebody who has signed in
// there: anybody, who may change signers, who may read about signers, who may read what happened.
enum class Guard : std::uint8_t {
    open,
    client,
    device,
    newcomer,
    browser,
    office_page,
    office,
    office_registrar,
    office_signers,
    office_records,
    local
};

enum class Execution : std::uint8_t {
    inline_,   // on the I/O thread: answers from memory, in microseconds, never waiting
    fiber,     // on the I/O thread, parked while it waits for a commit or a module
    held,      // like fiber, and may answer with a Hold or an EventStream
    pool,      // on a thread of the blocking pool: computes for long, or waits under a mutex
    password,  // on a thread of its own pool: hashes a password, 30 ms and 16 MB
};

// The one variable part of a path. A view into Request::path.
struct PathParameters {
    std::string_view id;
};

using Handler = Outcome (*)(api::Context&, const Request&, const PathParameters&);

// Runs before the handler, and before a large body is read: none lets the request pass, with
// Request::principal set; a response refuses it. Looks at the header alone.
using GuardCheck = std::optional<Response> (*)(api::Context&, Guard, Request&);

// One row of the route table. `path` is exact, or has one segment "{id}" that stands for 1 to 128
// unreserved characters (RFC 3986 §2.3), or ends in "/{rest}", which stands for whatever follows,
// slashes and escapes included. GET serves HEAD too.
struct Route {
    MethodSet methods;
    Host host = Host::any;
    std::string_view path;
    Guard guard = Guard::open;
    std::size_t body_max = 0;  // bytes
    Execution execution = Execution::fiber;
    Handler handler = nullptr;
};

}  // namespace server::http
