#include "server/net/session.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <utility>

#include <boost/asio/redirect_error.hpp>

#include "server/net/exchange.h"
#include "server/net/response_writer.h"

namespace server::net {
namespace {

namespace asio = boost::asio;

using boost::system::error_code;
using State = RequestParser::State;

constexpr std::size_t record_size_max = 16 * 1024;    // of TLS (RFC 8446 §5.1)
constexpr std::size_t refused_body_max = 64 * 1024;   // read for the sake of the connection
constexpr std::size_t unread_size_max = 1024 * 1024;  // discarded before a close

// What one read may bring is used or stashed before the next, so the I/O thread needs one buffer,
// however many connections it serves.
thread_local std::array<char, record_size_max> receive_buffer;
thread_local DateText date_text;

http::Response protocol_error(unsigned status) {
    switch (status) {
        case 408:
            return http::error(408, "invalid_request", "The request did not arrive in time.");
        case 413:
            return http::error(413, "invalid_request", "The request body is too large.");
        case 415:
            return http::error(415, "invalid_request", "The content coding is not supported.");
        case 417:
            return http::error(417, "invalid_request", "The expectation cannot be met.");
        case 431:
            return http::error(431, "invalid_request", "The request header is too large.");
        case 501:
            return http::error(501, "invalid_request", "The transfer coding is not supported.");
        case 505:
            return http::error(505, "invalid_request", "Only HTTP/1.0 and HTTP/1.1 are spoken.");
        default:
            return http::error(400, "invalid_request", "The request is not well-formed HTTP.");
    }
}

http::Response no_route(const http::Match& match, http::Host host) {
    if (!match.allowed.empty()) {
        return http::error(405, "invalid_request", "The method is not allowed here.")
            .with("Allow", http::allow_text(match.allowed));
    }
    if (host == http::Host::any) {
        return http::error(421, "invalid_request", "This server does not serve that host.");
    }
    return http::error(404, "not_found", "There is nothing at this path.");
}

}  // namespace

Session::Session(Socket socket, std::unique_ptr<Stream> stream, Peer peer, const Service& service)
    : service_(service),
      socket_(std::move(socket)),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      deadline_timer_(socket_.get_executor()),
      wake_(socket_.get_executor()) {}

Session::~Session() = default;

Awaitable<> Session::run() {
    bool serving = co_await handshake();
    // Not `while (serving && co_await …)`: g++ 12 evaluates the right side whatever the left is.
    while (serving) {
        serving = co_await read_request();
        if (!serving) {
            break;
        }
        co_await answer();
        if (exchange_->events.signal) {
            co_await write_events();
            break;
        }
        serving = co_await write_response();
    }
    co_await close();
}

void Session::stop() {
    stopping_ = true;
    // Idle, in the handshake, or before the end of a header: there is nothing to answer.
    const bool asked = exchange_ && (exchange_->routed || exchange_->refused);
    if (!asked) {
        error_code ignored;
        socket_.cancel(ignored);
    }
    wake_.cancel();
}

void Session::abort() {
    stopping_ = true;
    peer_gone_ = true;
    error_code ignored;
    socket_.close(ignored);
    wake_.cancel();
}

Awaitable<bool> Session::handshake() {
    const Clock::time_point deadline = Clock::now() + service_.deadlines.handshake;
    for (;;) {
        const Step step = stream_->handshake();
        if (step.kind == Step::Kind::done) {
            co_return true;
        }
        if (step.kind == Step::Kind::closed || step.kind == Step::Kind::failed) {
            co_return false;
        }
        if (!co_await ready(step.kind, deadline)) {
            co_return false;
        }
    }
}

// False when there is no request to answer: the connection ends without a word.
Awaitable<bool> Session::read_request() {
    exchange_.reset();
    if (input_.empty() && !stream_->pending()) {
        if (stopping_) {
            co_return false;
        }
        const auto patience = requests_ == 0 ? service_.deadlines.header : service_.deadlines.idle;
        const bool arrived = co_await ready(Step::Kind::want_read, Clock::now() + patience);
        if (!arrived) {
            co_return false;
        }
    }
    exchange_ = std::make_unique<Exchange>();
    exchange_->started = Clock::now();
    exchange_->request.transport = peer_.transport;
    exchange_->request.peer = peer_.name;
    exchange_->request.client_certificate = stream_->peer_certificate();
    exchange_->request.id = peer_.connection + '-' + std::to_string(++requests_);
    if (!co_await read_header()) {
        co_return false;
    }
    if (!co_await read_body()) {
        co_return false;
    }
    if (exchange_->parser.state() == State::failed) {
        refuse(protocol_error(exchange_->parser.failure_status()));
    }
    if (exchange_->parser.state() != State::complete) {
        unread_ = true;
        exchange_->connection = Connection::close;
    } else if (!exchange_->parser.keep_alive()) {
        exchange_->connection = Connection::close;
    }
    co_return true;
}

Awaitable<bool> Session::read_header() {
    const Clock::time_point deadline = exchange_->started + service_.deadlines.header;
    if (!input_.empty()) {
        feed({});
    }
    while (exchange_->parser.state() == State::header) {
        if (co_await receive(deadline)) {
            continue;
        }
        if (peer_gone_ || input_.empty()) {
            co_return false;
        }
        refuse(protocol_error(408));
        break;
    }
    co_return true;
}

Awaitable<bool> Session::read_body() {
    co_await admit_body();
    const Clock::time_point deadline = Clock::now() + service_.deadlines.body;
    const Exchange& exchange = *exchange_;
    if (exchange.parser.state() == State::body && !exchange.refused &&
        exchange.parser.expects_continue() && exchange.request.body.empty()) {
        if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) {
            co_return false;
        }
    }
    while (exchange_->parser.state() == State::body && !exchange_->refused) {
        if (co_await receive(deadline)) {
            continue;
        }
        if (peer_gone_) {
            co_return false;
        }
        refuse(protocol_error(408));
    }
    co_return true;
}

// Takes in what one read brings. False when the peer is gone or the deadline has passed.
Awaitable<bool> Session::receive(Clock::time_point deadline) {
    for (;;) {
        const Step step = stream_->read(receive_buffer);
        if (step.kind == Step::Kind::done) {
            feed(std::string_view(receive_buffer.data(), step.bytes));
            co_return true;
        }
        if (step.kind == Step::Kind::closed || step.kind == Step::Kind::failed) {
            peer_gone_ = true;
            co_return false;
        }
        if (!co_await ready(step.kind, deadline)) {
            co_return false;
        }
    }
}

void Session::feed(std::string_view fresh) {
    if (input_.empty()) {
        const std::size_t used = parse(fresh);
        input_.assign(fresh.substr(used));
        return;
    }
    input_.append(fresh);
    const std::size_t used = parse(input_);
    if (used == input_.size()) {
        input_ = {};
        return;
    }
    input_.erase(0, used);
    // The parser bounds a header itself, but not a chunk's extensions.
    if (exchange_->parser.state() == State::body && input_.size() > 2 * header_size_max) {
        refuse(protocol_error(400));
    }
}

std::size_t Session::parse(std::string_view bytes) {
    RequestParser& parser = exchange_->parser;
    std::size_t used = parser.put(bytes);
    if (exchange_->routed || parser.state() == State::header || parser.state() == State::failed) {
        return used;
    }
    choose_route();
    if (parser.state() == State::body) {
        used += parser.put(bytes.substr(used));
    }
    return used;
}

void Session::choose_route() {
    Exchange& exchange = *exchange_;
    exchange.routed = true;
    exchange.started = Clock::now();
    const bool local = peer_.transport == http::Transport::local;
    if (!local) {
        exchange.request.peer =
            sender(peer_.name, exchange.request.headers, service_.trusted_proxies);
    }
    const http::Host host =
        local ? http::Host::admin : service_.router.host_class(exchange.request.host);
    exchange.match = service_.router.match(host, exchange.request.method, exchange.request.path);
    const http::Route* route = exchange.match.route;
    if (route != nullptr && route->guard == http::Guard::local && !local) {
        exchange.match = {};
        route = nullptr;
    }
    if (route == nullptr) {
        refuse(no_route(exchange.match, host));
    }
    if (exchange.parser.state() != State::body) {
        return;
    }
    if (route == nullptr) {
        exchange.parser.body_max(refused_body_max);
        return;
    }
    exchange.parser.body_max(route->body_max);
}

// A body that takes much room is received from nobody whom the route's guard would refuse anyway.
Awaitable<> Session::admit_body() {
    Exchange& exchange = *exchange_;
    if (exchange.parser.state() != State::body || exchange.refused) {
        co_return;
    }
    const auto expected = exchange.parser.body_expected(exchange.match.route->body_max);
    if (expected <= BodyRoom::small) {
        co_return;
    }
    if (!start_fiber(&Session::call_guard)) {
        refuse(busy());
        co_return;
    }
    co_await finished();
    if (!exchange.refused && !service_.bodies.take(expected, exchange.body_place)) {
        refuse(busy());
    }
}

// The first refusal stands.
void Session::refuse(http::Response response) {
    if (!exchange_->refused) {
        exchange_->refused = true;
        exchange_->response = std::move(response);
    }
}

// While a request is held, the only thing worth reading is that the peer has left. A request that
// it pipelines meanwhile is kept for later, up to a bound.
void Session::watch_peer() {
    watching_peer_ = true;
    auto on_readable = [weak = weak_from_this()](error_code error) {
        const auto self = weak.lock();
        if (self && !error && self->watching_peer_) {
            self->peer_readable();
        }
    };
    socket_.async_wait(Socket::wait_read, std::move(on_readable));
}

void Session::stop_watching_peer() {
    watching_peer_ = false;
    error_code ignored;
    socket_.cancel(ignored);
}

void Session::peer_readable() {
    const Step step = stream_->read(receive_buffer);
    if (step.kind == Step::Kind::closed || step.kind == Step::Kind::failed) {
        peer_gone_ = true;
        wake_.cancel();
        return;
    }
    input_.append(receive_buffer.data(), step.bytes);
    if (input_.size() <= header_size_max) {
        watch_peer();
    }
}

// False when the connection ends with this response.
Awaitable<bool> Session::write_response() {
    if (peer_gone_) {
        co_return false;
    }
    Exchange& exchange = *exchange_;
    if (!has_valid_headers(exchange.response)) {
        spdlog::error("request {}: the answer has a malformed header", exchange.request.id);
        exchange.response = server_error();
    }
    const http::Response& response = exchange.response;
    if (stopping_) {
        exchange.connection = Connection::close;
    }
    std::string out = response_head(
        response, exchange.connection, exchange.request.id, date_text.at(std::time(nullptr)));
    std::string_view body;
    if (exchange.request.method != http::Method::head && has_content(response.status)) {
        body = response.body;
    }
    const std::size_t bytes = out.size() + body.size();
    // Head and body in one TLS record where they fit: one write(2), one packet.
    const std::size_t room = record_size_max - std::min(out.size(), record_size_max);
    out.append(body.substr(0, room));
    body.remove_prefix(std::min(room, body.size()));
    bool written = co_await write(out);
    if (written && !body.empty()) {
        written = co_await write(body);
    }
    log_access(bytes);
    co_return written&& exchange.connection == Connection::keep;
}

Awaitable<bool> Session::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const Step step = stream_->write(bytes.substr(0, record_size_max));
        if (step.kind == Step::Kind::done) {
            bytes.remove_prefix(step.bytes);
            continue;
        }
        if (step.kind == Step::Kind::closed || step.kind == Step::Kind::failed) {
            co_return false;
        }
        if (!co_await ready(step.kind, Clock::now() + service_.deadlines.write)) {
            co_return false;
        }
    }
    co_return true;
}

// A close with unread bytes in the socket sends a reset, which can destroy our last answer on its
// way (RFC 9112 §9.6): so end our half, then read until the peer has noticed.
Awaitable<> Session::close() {
    error_code ignored;
    if (socket_.is_open()) {
        stream_->shutdown();
        socket_.shutdown(Socket::shutdown_send, ignored);
    }
    const Clock::time_point deadline = Clock::now() + service_.deadlines.linger;
    std::size_t discarded = 0;
    while (unread_ && discarded < unread_size_max && socket_.is_open()) {
        const ssize_t size = ::recv(
            socket_.native_handle(), receive_buffer.data(), receive_buffer.size(), MSG_DONTWAIT);
        if (size > 0) {
            discarded += static_cast<std::size_t>(size);
            continue;
        }
        if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
            break;
        }
        if (!co_await ready(Step::Kind::want_read, deadline)) {
            break;
        }
    }
    socket_.close(ignored);
}

// False when the deadline has passed, or stop() or abort() ended the wait.
Awaitable<bool> Session::ready(Step::Kind want, Clock::time_point deadline) {
    if (!socket_.is_open() || Clock::now() >= deadline) {
        co_return false;
    }
    deadline_ = deadline;
    arm_deadline();
    const auto kind = want == Step::Kind::want_write ? Socket::wait_write : Socket::wait_read;
    error_code error;
    co_await socket_.async_wait(kind, asio::redirect_error(use_awaitable, error));
    deadline_ = Clock::time_point::max();
    co_return !error;
}

void Session::arm_deadline() {
    if (deadline_ >= armed_for_) {
        return;
    }
    armed_for_ = deadline_;
    deadline_timer_.expires_at(deadline_);
    deadline_timer_.async_wait([weak = weak_from_this()](error_code error) {
        const auto self = weak.lock();
        if (self && !error) {
            self->deadline_passed();
        }
    });
}

void Session::deadline_passed() {
    armed_for_ = Clock::time_point::max();
    if (Clock::now() < deadline_) {
        arm_deadline();
        return;
    }
    error_code ignored;
    socket_.cancel(ignored);
}

void Session::log_access(std::size_t bytes) const {
    if (!service_.access_log) {
        return;
    }
    const Exchange& exchange = *exchange_;
    const bool understood = exchange.routed;
    AccessRecord record;
    record.id = exchange.request.id;
    record.method = understood ? http::method_name(exchange.request.method) : "-";
    record.path = understood ? std::string_view(exchange.request.path) : "-";
    record.route = exchange.match.route;
    record.status = exchange.response.status;
    record.duration =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - exchange.started);
    record.bytes = bytes;
    record.peer = exchange.request.peer;
    service_.access_log(record);
}

}  // namespace server::net
