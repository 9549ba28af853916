#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/outcome.h"
#include "server/http/request.h"
#include "server/net/executor.h"
#include "server/net/service.h"
#include "server/net/stream.h"

namespace server::net {

// What a listener knows about a connection that it has accepted.
struct Peer {
    http::Transport transport = http::Transport::tls;
    std::string name;        // Request::peer
    std::string connection;  // unique in this process; begins every request id
};

// One connection, from the handshake to the close: reads requests, has them answered, one at a
// time and in order. All of it on the I/O thread, but for handlers that the blocking pool runs.
class Session final : public std::enable_shared_from_this<Session> {
public:
    Session(Socket socket, std::unique_ptr<Stream> stream, Peer peer, const Service& service);
    ~Session();

    // Ends when the connection has. The caller keeps the session alive until then. Once.
    Awaitable<> run();

    // Closes an idle connection; a request in flight is answered first, a held one at once.
    void stop();

    // Closes the socket now. A handler that is running still finishes, for nobody.
    void abort();

private:
    struct Exchange;
    using Work = void (Session::*)();

    Awaitable<bool> handshake();
    Awaitable<bool> read_request();
    Awaitable<bool> read_header();
    Awaitable<> admit_body();
    Awaitable<bool> read_body();
    Awaitable<bool> receive(Clock::time_point deadline);
    Awaitable<> answer();
    Awaitable<> wait_while_held();
    Awaitable<> wait_for_event(const http::EventStream& events, std::uint64_t told);
    Awaitable<> run_on_fiber(Work work);
    Awaitable<> run_on_pool(Work work);
    Awaitable<> finished();
    Awaitable<bool> write_response();
    Awaitable<> write_events();
    Awaitable<std::size_t> write_each_event(const http::EventStream& events);
    Awaitable<bool> write(std::string_view bytes);
    Awaitable<> close();
    Awaitable<bool> ready(Step::Kind want, Clock::time_point deadline);

    void feed(std::string_view fresh);
    std::size_t parse(std::string_view bytes);
    void choose_route();
    void refuse(http::Response response);
    bool start_fiber(Work work);
    bool submit(Work work);
    bool passes_guard();
    void call_guard();
    void call_handler();
    void call_resume();
    void call_rest();
    template <class Part>
    void call_later(Part part);
    void refuse_busy();
    void accept_outcome(http::Outcome outcome);
    bool still_held() const;
    http::Signal::Wake waker();
    void watch_peer();
    void stop_watching_peer();
    void peer_readable();
    void arm_deadline();
    void deadline_passed();
    void log_access(std::size_t bytes) const;

    const Service& service_;
    Socket socket_;
    std::unique_ptr<Stream> stream_;
    const Peer peer_;
    std::size_t requests_ = 0;

    // Bytes received that the parser has not taken: part of a header, or a pipelined request.
    std::string input_;
    std::unique_ptr<Exchange> exchange_;  // none between two requests: an idle session is small

    // The deadline moves at every wait, the timer only when it has to: most deadlines are replaced
    // long before they pass.
    Timer deadline_timer_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point armed_for_ = Clock::time_point::max();

    Timer wake_;  // cancelled to end a wait that is not for the socket
    bool work_done_ = false;
    bool signalled_ = false;
    bool watching_peer_ = false;
    bool stopping_ = false;
    bool peer_gone_ = false;  // or the session was aborted: nobody reads an answer
    bool unread_ = false;     // the peer may still be sending what we will not read
};

}  // namespace server::net
