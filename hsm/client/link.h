#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "hsm/client/session.h"
#include "hsm/sync/latch.h"

namespace hsm::client {

struct LinkSettings {
    Endpoint endpoint;
    Psk psk;
    std::size_t in_flight_max = 64;  // what a module gathers before it makes its log durable
    std::size_t queue_size_max = 4096;
    std::chrono::milliseconds connect_time_max{5'000};
    std::chrono::milliseconds back_off_first{50};  // doubled after each failure up to the next
    std::chrono::milliseconds back_off_last{2'000};
    std::chrono::milliseconds stall_time_max{30'000};  // in flight, and nothing comes: reconnect
    // While a module works, what comes goes out with its next answer, or after so long: a wake-up
    // of the link for each request costs more than a module that is busy could gain.
    std::chrono::milliseconds gather{5};
    std::uint64_t session_requests_max = 1u << 23;  // then new TLS keys (RFC 8446 §5.5)
};

// The host's end of one module: a thread, a queue in order of arrival, several requests in flight.
// It connects by itself, and again after a failure.
//
// When a connection breaks or cannot be made, every request queued or in flight is answered with
// the reason; what was in flight may or may not have been carried out (`get_result` tells). A
// request that comes while there is no connection waits for the next attempt.
class Link {
public:
    // Called once for each request, on the link's thread, and must not block; or inside submit()
    // when the request cannot be taken. A deadline is noticed within 50 ms, but not before an
    // attempt to connect is over.
    using Completion = std::function<void(Result<std::vector<Byte>> response)>;

    explicit Link(LinkSettings settings);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link();  // stop() with no patience

    // Parks the caller, thread or fiber, and never blocks the link. `link_timeout` at the deadline,
    // `busy` when the queue is full, `link_closed` after stop(); else the module's answer or
    // refusal. It does not go out before `not_before`, and at most 50 ms later than it else would.
    template <class Request>
    Result<Reply<protocol::ResponseOf<Request>>> call(const Request& request,
                                                      Deadline deadline,
                                                      Deadline not_before = Deadline::min());

    // The same without blocking: on_done(Result<Reply<ResponseOf<Request>>>).
    template <class Request, class OnDone>
    void submit(const Request& request,
                Deadline deadline,
                OnDone on_done,
                Deadline not_before = Deadline::min());

    // The same for a message that make_message(request_id, buffer) writes: Result<ByteView>.
    template <class MakeMessage>
    void submit_message(MakeMessage make_message,
                        Deadline deadline,
                        Completion completion,
                        Deadline not_before = Deadline::min());

    // Who this host is from the next connection on, which begins as soon as what is in flight has
    // its answers.
    void use(Psk psk);

    bool connected() const;
    // Why there is no connection: the last attempt's status; `ok` while there is one.
    Status last_error() const;

    // Takes nothing more, finishes what is queued and in flight, closes and joins. What is not
    // finished at the deadline is answered link_closed. May take connect_time_max longer while an
    // attempt to connect hangs.
    void stop(Deadline patience);

private:
    struct Pending {
        std::uint32_t request_id = 0;
        std::vector<Byte> stream;  // prefix and message
        Deadline deadline;
        Deadline not_before;
        Completion completion;  // empty once the caller has been told
    };
    void run();
    Result<void> serve(Session& session);
    std::size_t take_queued(std::vector<Byte>& stream);
    Result<std::size_t> take_answers(Session& session);
    void sweep(Deadline now);
    void fail_all(Status status);
    void enqueue(Pending pending);
    std::uint32_t draw_request_id();
    enum class Unsent : std::uint8_t { nothing, some };
    bool must_renew() const;
    void take_next_psk();
    void wait_for_work(const Session& session, Unsent unsent);
    void sleep(int descriptor, short events, Deadline until);
    void set_state(Status status);
    bool finished() const;
    void wake() const;

    LinkSettings settings_;  // of which the thread changes psk
    int wake_descriptor_ = -1;

    mutable std::mutex mutex_;  // guards what follows
    std::deque<Pending> queue_;
    std::vector<Pending> later_;  // until a sweep finds that their time has come
    std::uint32_t next_request_id_ = 1;
    // In poll(), and a request that comes must wake it: one that may go now, or any.
    enum class WakeFor : std::uint8_t { nothing, due, any };
    WakeFor wake_for_ = WakeFor::nothing;
    bool connected_ = false;
    bool stopping_ = false;
    Deadline patience_;
    Status last_error_ = Status::link_closed;
    std::optional<Psk> next_psk_;
    std::atomic<bool> renew_{false};  // the session makes room for one with next_psk_

    // The link thread's own.
    std::unordered_map<std::uint32_t, Pending> in_flight_;
    Deadline last_answer_;
    Deadline next_sweep_;
    std::uint64_t session_requests_ = 0;

    std::thread thread_;  // last: starts when everything else is there
};

template <class MakeMessage>
void Link::submit_message(MakeMessage make_message,
                          Deadline deadline,
                          Completion completion,
                          Deadline not_before) {
    std::array<Byte, protocol::message_size_max> buffer;
    Pending pending;
    pending.request_id = draw_request_id();
    pending.deadline = deadline;
    pending.not_before = not_before;
    pending.completion = std::move(completion);
    const Result<ByteView> message = make_message(pending.request_id, MutableBytes(buffer));
    if (!message) {
        pending.completion(message.error());
        return;
    }
    pending.stream.reserve(protocol::message_prefix_size + message->size());
    pending.stream.push_back(static_cast<Byte>(message->size() >> 8));
    pending.stream.push_back(static_cast<Byte>(message->size()));
    pending.stream.insert(pending.stream.end(), message->begin(), message->end());
    enqueue(std::move(pending));
}

template <class Request, class OnDone>
void Link::submit(const Request& request, Deadline deadline, OnDone on_done, Deadline not_before) {
    using Answer = Reply<protocol::ResponseOf<Request>>;
    submit_message(
        [&request](std::uint32_t request_id, MutableBytes buffer) {
            return protocol::encode_request(request_id, request, buffer);
        },
        deadline,
        [on_done = std::move(on_done)](Result<std::vector<Byte>> response) mutable {
            if (!response) {
                on_done(Result<Answer>(response.error()));
                return;
            }
            on_done(Answer::from(*std::move(response)));
        },
        not_before);
}

template <class Request>
Result<Reply<protocol::ResponseOf<Request>>> Link::call(const Request& request,
                                                        Deadline deadline,
                                                        Deadline not_before) {
    using Answer = Result<Reply<protocol::ResponseOf<Request>>>;
    std::optional<Answer> answer;
    sync::Latch arrived;
    submit(
        request,
        deadline,
        [&](Answer given) {
            answer.emplace(std::move(given));
            arrived.count_down();
        },
        not_before);
    arrived.wait();  // the link keeps the deadline
    return *std::move(answer);
}

}  // namespace hsm::client
