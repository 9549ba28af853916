#include <algorithm>
#include <ctime>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

#include <boost/asio/redirect_error.hpp>

#include "server/net/exchange.h"
#include "server/net/response_writer.h"
#include "server/net/subscription.h"

// An answer that goes on: what is told when, and when it ends.
namespace server::net {
namespace {

namespace asio = boost::asio;

using boost::system::error_code;

constexpr std::string_view comment = ":\n\n";

bool is_revoked(const http::EventStream& events) {
    return events.revoked && events.revoked->generation() != events.revoked_seen;
}

// A peer that has gone without a word takes a few bytes from us for many minutes: the kernel keeps
// them and tries again. From here on it gives up as soon as we would.
void forget_silent_peer(int fd, std::chrono::milliseconds patience) {
    const auto milliseconds = static_cast<unsigned>(patience.count());
    ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof(milliseconds));
}

}  // namespace

// The connection ends with the stream, which is what delimits it (RFC 9112 §6.3).
Awaitable<> Session::write_events() {
    Exchange& exchange = *exchange_;
    const http::EventStream events = std::exchange(exchange.events, http::EventStream());
    const bool wanted = exchange.request.method != http::Method::head;
    exchange.connection = Connection::close;
    exchange.response.content_type = "text/event-stream";
    std::string head = response_head(exchange.response,
                                     Connection::close,
                                     exchange.request.id,
                                     DateText().at(std::time(nullptr)),
                                     Framing::until_close);
    exchange.request.body = {};
    exchange.request.headers.clear();
    exchange.request.principal.reset();
    forget_silent_peer(socket_.native_handle(), service_.deadlines.write);
    std::size_t bytes = head.size();
    const bool begun = co_await write(head);
    head = {};
    if (begun && wanted) {
        const std::size_t told = co_await write_each_event(events);
        bytes += told;
    }
    log_access(bytes);
}

// How many bytes were written.
Awaitable<std::size_t> Session::write_each_event(const http::EventStream& events) {
    std::size_t bytes = 0;
    std::uint64_t told = events.signal->generation();
    std::string_view next = events.event;
    watch_peer();
    for (;;) {
        const bool written = co_await write(next);
        if (!written) {
            break;
        }
        bytes += next.size();
        // Whatever came before the end is told by then.
        if (events.signal->is_over() && told == events.signal->generation()) {
            break;
        }
        co_await wait_for_event(events, told);
        if (stopping_ || peer_gone_ || Clock::now() >= events.until || is_revoked(events)) {
            break;
        }
        // Looked at before it is told: an advance in between is told once more.
        told = signalled_ ? events.signal->generation() : told;
        next = signalled_ ? events.event : comment;
    }
    stop_watching_peer();
    co_return bytes;
}

// Until there is something to tell, or nothing has been told for long, or the stream is to end.
Awaitable<> Session::wait_for_event(const http::EventStream& events, std::uint64_t told) {
    signalled_ = false;
    const Subscription subscription(events.signal, told, waker());
    const Subscription revocation(events.revoked, events.revoked_seen, waker());
    const auto limit = std::min(Clock::now() + service_.deadlines.silence, events.until);
    wake_.expires_at(limit);
    while (!signalled_ && !stopping_ && !peer_gone_ && Clock::now() < limit) {
        error_code ignored;
        co_await wake_.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
}

}  // namespace server::net
