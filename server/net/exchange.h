#pragma once

#include "server/http/router.h"
#include "server/net/body_room.h"
#include "server/net/request_parser.h"
#include "server/net/response_writer.h"
#include "server/net/session.h"

// Inside server/net/session*.cc only.
namespace server::net {

// One request and its answer.
struct Session::Exchange {
    http::Request request;
    RequestParser parser{request, header_size_max};
    BodyRoom::Place body_place;
    http::Match match;
    Clock::time_point started;
    http::Response response;
    http::Hold hold;
    http::Continue rest;
    http::EventStream events;  // when its signal is set: they are the answer
    http::Wake wake = http::Wake::notified;
    bool routed = false;
    bool guarded = false;  // the route's guard has let it pass
    bool refused = false;  // by the shell: `response` is set, no handler runs
    bool held = false;
    Connection connection = Connection::keep;
};

inline http::Response server_error() {
    return http::error(500, "server_error", "The server failed to answer; see its log.");
}

inline http::Response busy() {
    return http::busy("The server is busy; nothing was done.");
}

}  // namespace server::net
