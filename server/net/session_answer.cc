#include <exception>
#include <spdlog/spdlog.h>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "server/net/exchange.h"
#include "server/net/subscription.h"

// How a session has a request answered: where its handler runs, and what it waits for.
namespace server::net {
namespace {

namespace asio = boost::asio;

using boost::system::error_code;

constexpr std::chrono::milliseconds retry_pause{20};

}  // namespace

Awaitable<> Session::answer() {
    if (exchange_->refused) {
        co_return;
    }
    const auto execution = exchange_->match.route->execution;
    if (execution == http::Execution::inline_) {
        call_handler();
    } else if (execution == http::Execution::pool || execution == http::Execution::password) {
        co_await run_on_pool(&Session::call_handler);
    } else {
        co_await run_on_fiber(&Session::call_handler);
    }
    while (exchange_->held || exchange_->rest.work) {
        bool (Session::*start)(Work) = &Session::submit;
        Work work = &Session::call_rest;
        if (exchange_->held) {
            co_await wait_while_held();
            if (peer_gone_) {
                exchange_->hold = {};
                co_return;
            }
            start = &Session::start_fiber;
            work = &Session::call_resume;
        }
        // The answer has been earned by now: too much at once delays it, and does not lose it.
        while (!(this->*start)(work)) {
            wake_.expires_after(retry_pause);
            error_code ignored;
            co_await wake_.async_wait(asio::redirect_error(use_awaitable, ignored));
        }
        co_await finished();
    }
}

Awaitable<> Session::wait_while_held() {
    Exchange& exchange = *exchange_;
    exchange.request.body = {};
    exchange.request.headers.clear();
    signalled_ = false;
    const Subscription subscription(exchange.hold.signal, exchange.hold.seen, waker());
    watch_peer();
    wake_.expires_at(exchange.hold.deadline);
    while (still_held()) {
        error_code ignored;
        co_await wake_.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
    stop_watching_peer();
    exchange.wake = stopping_    ? http::Wake::stopping
                    : signalled_ ? http::Wake::notified
                                 : http::Wake::deadline;
}

// For a signal, on whatever thread: ends the wait.
http::Signal::Wake Session::waker() {
    return [weak = weak_from_this(), executor = socket_.get_executor()] {
        asio::post(executor, [weak] {
            if (const auto self = weak.lock()) {
                self->signalled_ = true;
                self->wake_.cancel();
            }
        });
    };
}

bool Session::still_held() const {
    return !signalled_ && !stopping_ && !peer_gone_ && Clock::now() < exchange_->hold.deadline;
}

Awaitable<> Session::run_on_fiber(Work work) {
    if (!start_fiber(work)) {
        refuse_busy();
        co_return;
    }
    co_await finished();
}

Awaitable<> Session::run_on_pool(Work work) {
    if (!submit(work)) {
        refuse_busy();
        co_return;
    }
    co_await finished();
}

void Session::refuse_busy() {
    exchange_->response = busy();
}

bool Session::start_fiber(Work work) {
    work_done_ = false;
    return service_.fibers.start([self = shared_from_this(), work] {
        ((*self).*work)();
        self->work_done_ = true;
        self->wake_.cancel();
    });
}

bool Session::submit(Work work) {
    work_done_ = false;
    const bool password = exchange_->match.route->execution == http::Execution::password ||
                          exchange_->rest.where == http::Continue::Where::passwords;
    return (password ? service_.passwords : service_.pool)
        .submit([self = shared_from_this(), work]() mutable {
            ((*self).*work)();
            // Moved on, so that the last reference to a session always goes on the I/O thread.
            const Executor executor = self->socket_.get_executor();
            asio::post(executor, [self = std::move(self)] {
                self->work_done_ = true;
                self->wake_.cancel();
            });
        });
}

Awaitable<> Session::finished() {
    if (work_done_) {
        co_return;
    }
    wake_.expires_at(Clock::time_point::max());
    while (!work_done_) {
        error_code ignored;
        co_await wake_.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
}

// Once for a request: what proves who asks may count once only (RFC 9449 §11.1).
bool Session::passes_guard() {
    Exchange& exchange = *exchange_;
    if (!exchange.guarded) {
        auto refusal =
            service_.guard(service_.context, exchange.match.route->guard, exchange.request);
        if (refusal) {
            exchange.response = std::move(*refusal);
            return false;
        }
        exchange.guarded = true;
    }
    return true;
}

void Session::call_guard() {
    Exchange& exchange = *exchange_;
    try {
        exchange.refused = !passes_guard();
    } catch (const std::exception& error) {
        spdlog::error("request {}: the guard threw: {}", exchange.request.id, error.what());
        refuse(server_error());
    }
}

void Session::call_handler() {
    Exchange& exchange = *exchange_;
    const http::Route& route = *exchange.match.route;
    try {
        if (!passes_guard()) {
            return;
        }
        accept_outcome(
            route.handler(service_.context, exchange.request, exchange.match.parameters));
    } catch (const std::exception& error) {
        spdlog::error("request {}: {} threw: {}", exchange.request.id, route.path, error.what());
        exchange.response = server_error();
    }
}

void Session::call_resume() {
    exchange_->held = false;
    const http::Hold hold = std::exchange(exchange_->hold, http::Hold());
    call_later([&] { return hold.resume(exchange_->wake); });
}

void Session::call_rest() {
    const http::Continue rest = std::exchange(exchange_->rest, http::Continue());
    call_later([&] { return rest.work(); });
}

template <class Part>
void Session::call_later(Part part) {
    Exchange& exchange = *exchange_;
    try {
        accept_outcome(part());
    } catch (const std::exception& error) {
        spdlog::error("request {}: {} threw later on: {}",
                      exchange.request.id,
                      exchange.match.route->path,
                      error.what());
        exchange.response = server_error();
    }
}

void Session::accept_outcome(http::Outcome outcome) {
    Exchange& exchange = *exchange_;
    if (auto* response = std::get_if<http::Response>(&outcome)) {
        exchange.response = std::move(*response);
        return;
    }
    if (auto* rest = std::get_if<http::Continue>(&outcome)) {
        exchange.rest = std::move(*rest);
        return;
    }
    if (exchange.match.route->execution != http::Execution::held) {
        spdlog::error("{} holds a request, and is not a row that may", exchange.match.route->path);
        exchange.response = server_error();
        return;
    }
    if (auto* events = std::get_if<http::EventStream>(&outcome)) {
        exchange.events = std::move(*events);
        return;
    }
    if (exchange.wake == http::Wake::stopping) {
        exchange.response = http::busy("The server is stopping.");
        return;
    }
    exchange.hold = std::get<http::Hold>(std::move(outcome));
    exchange.held = true;
}

}  // namespace server::net
