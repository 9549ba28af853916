#include "hsm/client/link.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace hsm::client {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds sweep_interval{50};
constexpr auto never = Deadline::max();

// One read takes the whole count (eventfd(2)).
void drain(int descriptor) {
    std::uint64_t count = 0;
    (void)!::read(descriptor, &count, sizeof(count));
}

}  // namespace

Link::Link(LinkSettings settings)
    : settings_(std::move(settings)),
      wake_descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      patience_(never) {
    CHECK(wake_descriptor_ >= 0);
    in_flight_.reserve(settings_.in_flight_max);
    thread_ = std::thread([this] { run(); });
}

Link::~Link() {
    stop(Clock::now());
    ::close(wake_descriptor_);
}

bool Link::connected() const {
    const std::lock_guard lock(mutex_);
    return connected_;
}

Status Link::last_error() const {
    const std::lock_guard lock(mutex_);
    return last_error_;
}

void Link::stop(Deadline patience) {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        patience_ = std::min(patience_, patience);
    }
    wake();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Link::use(Psk psk) {
    {
        const std::lock_guard lock(mutex_);
        next_psk_ = std::move(psk);
        renew_ = true;
    }
    wake();
}

void Link::take_next_psk() {
    const std::lock_guard lock(mutex_);
    if (next_psk_) {
        settings_.psk = *std::exchange(next_psk_, std::nullopt);
        renew_ = false;
    }
}

// A session's keys have served long enough, or the host is to be another one.
bool Link::must_renew() const {
    return renew_ || session_requests_ >= settings_.session_requests_max;
}

std::uint32_t Link::draw_request_id() {
    const std::lock_guard lock(mutex_);
    return next_request_id_++;
}

void Link::enqueue(Pending pending) {
    std::unique_lock lock(mutex_);
    const bool is_full = queue_.size() + later_.size() >= settings_.queue_size_max;
    if (stopping_ || is_full) {
        const auto refusal = stopping_ ? Status::link_closed : Status::busy;
        lock.unlock();
        pending.completion(refusal);
        return;
    }
    const bool later = pending.not_before > Clock::now();
    if (later) {
        later_.push_back(std::move(pending));
    } else {
        queue_.push_back(std::move(pending));
    }
    if (wake_for_ < (later ? WakeFor::any : WakeFor::due)) {
        return;
    }
    wake_for_ = WakeFor::nothing;
    lock.unlock();
    wake();
}

void Link::wake() const {
    const std::uint64_t one = 1;
    (void)!::write(wake_descriptor_, &one, sizeof(one));
}

// Nothing is left to do, or no time to do it.
bool Link::finished() const {
    const std::lock_guard lock(mutex_);
    return stopping_ && ((queue_.empty() && in_flight_.empty()) || Clock::now() >= patience_);
}

void Link::set_state(Status status) {
    const std::lock_guard lock(mutex_);
    connected_ = status == Status::ok;
    last_error_ = status;
}

void Link::run() {
    auto pause = settings_.back_off_first;
    while (!finished()) {
        auto status = Status::ok;
        take_next_psk();
        auto session =
            Session::connect(settings_.endpoint, settings_.psk, after(settings_.connect_time_max));
        if (session) {
            set_state(Status::ok);
            last_answer_ = Deadline::min();
            session_requests_ = 0;
            const auto served = serve(*session);
            if (last_answer_ != Deadline::min()) {
                pause = settings_.back_off_first;
            }
            status = served ? Status::ok : served.error();
        } else {
            status = session.error();
        }
        if (status != Status::ok) {
            set_state(status);
            fail_all(status);
            const auto until = after(pause);
            while (!finished() && Clock::now() < until) {
                sleep(-1, 0, until);
            }
            pause = std::min(2 * pause, settings_.back_off_last);
        }
    }
    set_state(Status::link_closed);
    fail_all(Status::link_closed);
}

// Until the session breaks, is to be renewed, or the link stops.
Result<void> Link::serve(Session& session) {
    std::vector<Byte> stream;
    next_sweep_ = Clock::now() + sweep_interval;
    for (;;) {
        const bool renew = must_renew();
        stream.clear();
        const auto taken = renew ? 0 : take_queued(stream);
        if (taken != 0) {
            TRY(session.write(stream));
            session_requests_ += taken;
        }
        TRY_ASSIGN(auto all_sent, session.flush());
        TRY_ASSIGN(auto answers, take_answers(session));

        const auto now = Clock::now();
        if (now >= next_sweep_) {
            sweep(now);
            next_sweep_ = now + sweep_interval;
            if (!in_flight_.empty() && now - last_answer_ > settings_.stall_time_max) {
                return Status::link_timeout;
            }
        }
        if ((renew && in_flight_.empty()) || finished()) {
            session.close();
            return {};
        }
        if (taken == 0 && answers == 0) {
            wait_for_work(session, all_sent ? Unsent::nothing : Unsent::some);
        }
    }
}

// Moves what may go now from the queue into flight and appends its bytes to `stream`.
std::size_t Link::take_queued(std::vector<Byte>& stream) {
    std::size_t taken = 0;
    const std::lock_guard lock(mutex_);
    if (in_flight_.empty() && !queue_.empty()) {
        last_answer_ = Clock::now();  // the stall is counted from here
    }
    while (!queue_.empty() && in_flight_.size() < settings_.in_flight_max) {
        auto& pending = queue_.front();
        stream.insert(stream.end(), pending.stream.begin(), pending.stream.end());
        pending.stream.clear();
        const auto request_id = pending.request_id;
        in_flight_.insert_or_assign(request_id, std::move(pending));
        queue_.pop_front();
        ++taken;
    }
    return taken;
}

Result<std::size_t> Link::take_answers(Session& session) {
    std::size_t answers = 0;
    for (;;) {
        TRY_ASSIGN(auto message, session.next_message());
        if (!message) {
            break;
        }
        TRY_ASSIGN(auto head, protocol::decode_response_head(*message));
        auto found = in_flight_.extract(head.request_id);
        if (!found) {
            return Status::response_wrong;
        }
        if (const auto& completion = found.mapped().completion) {
            completion(std::vector<Byte>(message->begin(), message->end()));
        }
        ++answers;
    }
    if (answers != 0) {
        last_answer_ = Clock::now();
    }
    return answers;
}

// Queues what has waited for its time, tells those whose deadline has passed. What is in flight
// stays there without its caller, until its answer comes.
void Link::sweep(Deadline now) {
    std::vector<Completion> expired;
    for (auto& [request_id, pending] : in_flight_) {
        if (pending.completion && pending.deadline <= now) {
            expired.push_back(std::exchange(pending.completion, nullptr));
        }
    }
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(later_, [&](Pending& pending) {
            if (pending.not_before > now) {
                return false;
            }
            queue_.push_back(std::move(pending));
            return true;
        });
        std::erase_if(queue_, [&](Pending& pending) {
            if (pending.deadline > now) {
                return false;
            }
            expired.push_back(std::move(pending.completion));
            return true;
        });
    }
    for (const auto& completion : expired) {
        completion(Status::link_timeout);
    }
}

void Link::fail_all(Status status) {
    auto in_flight = std::exchange(in_flight_, {});
    std::deque<Pending> queued;
    {
        const std::lock_guard lock(mutex_);
        queued.swap(queue_);
        std::ranges::move(later_, std::back_inserter(queued));
        later_.clear();
    }
    for (const auto& [request_id, pending] : in_flight) {
        if (pending.completion) {
            pending.completion(status);
        }
    }
    for (const auto& pending : queued) {
        pending.completion(status);
    }
}

void Link::wait_for_work(const Session& session, Unsent unsent) {
    auto until = never;
    {
        const std::lock_guard lock(mutex_);
        const bool room = in_flight_.size() < settings_.in_flight_max && !must_renew();
        if (!queue_.empty() && room) {
            return;
        }
        if (!in_flight_.empty()) {
            until = room ? std::min(next_sweep_, after(settings_.gather)) : next_sweep_;
            wake_for_ = WakeFor::nothing;
        } else if (!queue_.empty() || !later_.empty()) {
            until = next_sweep_;
            wake_for_ = WakeFor::due;
        } else {
            wake_for_ = WakeFor::any;
        }
    }
    const auto events = static_cast<short>(unsent == Unsent::some ? POLLIN | POLLOUT : POLLIN);
    sleep(session.descriptor(), events, until);
    const std::lock_guard lock(mutex_);
    wake_for_ = WakeFor::nothing;
}

// Until the descriptor (if not -1) is ready, somebody wakes the link, or the time has come.
void Link::sleep(int descriptor, short events, Deadline until) {
    pollfd entries[] = {{wake_descriptor_, POLLIN, 0}, {descriptor, events, 0}};
    ::poll(entries, 2, until == never ? -1 : poll_timeout(until));
    if ((entries[0].revents & POLLIN) != 0) {
        drain(wake_descriptor_);
    }
}

}  // namespace hsm::client
