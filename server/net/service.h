#pragma once

#include <cstddef>

#include "server/http/router.h"
#include "server/net/access_record.h"
#include "server/net/blocking_pool.h"
#include "server/net/body_room.h"
#include "server/net/deadlines.h"
#include "server/net/fibers.h"
#include "server/net/trusted_proxies.h"

namespace server::net {

// What the sessions of all listeners serve. The application owns it and everything it refers to,
// and outlives the listeners. `guard` runs where the route's handler does, or for a large body on a
// fiber before that is read.
struct Service {
    const http::Router& router;
    api::Context& context;
    http::GuardCheck guard;
    Fibers& fibers;
    BlockingPool& pool;
    BlockingPool& passwords;  // so that a flood of guesses delays nobody but those who sign in
    BodyRoom& bodies;
    Deadlines deadlines;
    AccessLog access_log;  // may be empty
    TrustedProxies trusted_proxies = {};
};

inline constexpr std::size_t header_size_max = 16 * 1024;

}  // namespace server::net
