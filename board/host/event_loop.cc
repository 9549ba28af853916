#include "board/host/event_loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <poll.h>

#include "board/host/log.h"
#include "board/host/process.h"
#include "firmware/hal/clock.h"
#include "hsm/base/byte_reader.h"

namespace board::host {

using firmware::app::Durability;
using firmware::app::Module;
using firmware::app::Work;
using hsm::ByteView;

namespace {

// For an engine's own thread, or a host, that may be done with a key.
constexpr std::uint64_t look_again_ms = 1000;

}  // namespace

EventLoop::EventLoop(Module& module,
                     const firmware::channel::TlsServer& server,
                     firmware::hal::Clock& clock,
                     const Listener& listener,
                     int signals,
                     std::function<void()> read_hosts)
    : module_(module),
      server_(server),
      clock_(clock),
      listener_(listener),
      signals_(signals),
      read_hosts_(std::move(read_hosts)) {
    for (std::size_t i = 0; i < connections_max; ++i) {
        idle_.push_back(std::make_unique<Connection>(server_));
    }
}

void EventLoop::run() {
    bool go_on = true;
    while (go_on) {
        go_on = wait();
        answer_all();
        close_broken();
        work_ = module_.work();
    }
    for (const auto& connection : open_) {
        connection->close();
    }
}

int EventLoop::timeout_ms() const {
    if (work_ == Work::more) {
        return 0;
    }
    std::uint64_t next = work_ == Work::waiting ? clock_.tick_ms() + look_again_ms : UINT64_MAX;
    for (const auto& connection : open_) {
        if (connection->has_more()) {
            return 0;
        }
        if (connection->deadline_ms() != 0) {
            next = std::min(next, connection->deadline_ms());
        }
    }
    if (next == UINT64_MAX) {
        return -1;
    }
    const auto now = clock_.tick_ms();
    return next <= now ? 0 : static_cast<int>(std::min<std::uint64_t>(next - now, INT_MAX));
}

bool EventLoop::wait() {
    std::array<pollfd, connections_max + 2> entries;
    entries[0] = {signals_, POLLIN, 0};
    entries[1] = {listener_.descriptor(), POLLIN, 0};
    const auto count = open_.size();
    for (std::size_t i = 0; i < count; ++i) {
        entries[i + 2] = {open_[i]->descriptor(), open_[i]->events(), 0};
    }
    if (::poll(entries.data(), count + 2, timeout_ms()) < 0) {
        CHECK(errno == EINTR);
        return true;
    }
    for (std::size_t i = 0; i < count; ++i) {
        open_[i]->ready(entries[i + 2].revents);
    }
    if (entries[1].revents != 0) {
        accept_all();
    }
    return entries[0].revents == 0 || take_signal();
}

// False when the loop is to end.
bool EventLoop::take_signal() {
    const auto taken = next_signal(signals_);
    if (taken != Signal::hang_up) {
        return taken == Signal::none;
    }
    read_hosts_();
    for (const auto& connection : open_) {
        connection->watch(clock_.tick_ms());
    }
    return true;
}

void EventLoop::accept_all() {
    while (auto socket = listener_.accept()) {
        if (idle_.empty()) {
            LogLine(LogLevel::warning, "host refused").text("reason", "too many connections");
            continue;
        }
        if (idle_.back()->open(std::move(socket), clock_.tick_ms())) {
            open_.push_back(std::move(idle_.back()));
            idle_.pop_back();
        }
    }
}

// Round after round, one request of each host, until nobody has one or the turn is full.
void EventLoop::answer_all() {
    std::size_t requests = 0;
    bool answered = true;
    while (answered && requests < requests_per_turn_max) {
        answered = false;
        for (std::size_t i = 0; i < open_.size() && requests < requests_per_turn_max; ++i) {
            if (answer_one(*open_[(first_ + i) % open_.size()])) {
                answered = true;
                ++requests;
            }
        }
    }
    ++first_;
    if (needs_sync_) {
        make_durable();
    }
    for (const auto& connection : open_) {
        connection->session().release_answers();
        connection->send();
    }
}

bool EventLoop::answer_one(Connection& connection) {
    const auto request = connection.next_request();
    if (!request) {
        return false;
    }
    auto& session = connection.session();
    const auto answer = module_.handle(*request, session.role(), session.answer_space());
    session.hold_answer(answer.size);
    needs_sync_ = needs_sync_ || answer.durability == Durability::sync;
    return true;
}

void EventLoop::make_durable() {
    needs_sync_ = false;
    if (module_.sync()) {
        return;
    }
    LogLine(LogLevel::error, "the log cannot be made durable: no signature leaves any more");
    for (const auto& connection : open_) {
        auto& session = connection->session();
        const auto held = session.held_answers();
        const std::vector<hsm::Byte> answers(held.begin(), held.end());
        session.drop_answers();
        hsm::ByteReader reader(answers);
        while (!reader.at_end()) {
            const auto size = reader.u16();
            CHECK(size.has_value());
            const auto answer = reader.take(*size);
            CHECK(answer.has_value());
            session.hold_answer(Module::replace_held(*answer, session.answer_space()));
        }
    }
}

void EventLoop::close_broken() {
    const auto now = clock_.tick_ms();
    for (const auto& connection : open_) {
        connection->watch(now);
    }
    const auto first_broken = std::stable_partition(
        open_.begin(), open_.end(), [](const auto& connection) { return !connection->broken(); });
    for (auto at = first_broken; at != open_.end(); ++at) {
        (*at)->close();
        idle_.push_back(std::move(*at));
    }
    open_.erase(first_broken, open_.end());
}

}  // namespace board::host
