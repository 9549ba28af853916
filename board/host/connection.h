#pragma once

#include <string>

#include "board/host/descriptor.h"
#include "firmware/channel/tls_session.h"

namespace board::host {

// A host's socket with its TLS session. Used again for the next host.
class Connection {
public:
    explicit Connection(const firmware::channel::TlsServer& server) : session_(server) {}

    // Takes a new socket; false when TLS cannot begin.
    bool open(Descriptor socket, std::uint64_t now_ms);

    // Bytes from the socket, as many as the session takes now.
    void receive();
    // The session's next request, receiving more as needed; nothing when there is none, when its
    // answers wait for the host, or when the connection is broken.
    std::optional<hsm::ByteView> next_request();
    // What may leave, leaves.
    void send();

    // Breaks the connection when its time is over, or its host was withdrawn.
    void watch(std::uint64_t now_ms);
    // The next moment that watch() waits for; 0 for none.
    std::uint64_t deadline_ms() const { return deadline_ms_; }

    // What to poll for.
    short events() const;
    void ready(short events);
    // Requests may be here that nobody asked next_request() for.
    bool has_more() const { return may_have_more_ && !broken_ && !session_.answer_space_full(); }

    bool broken() const { return broken_; }
    void close();

    int descriptor() const { return socket_.get(); }
    firmware::channel::TlsSession& session() { return session_; }

private:
    static constexpr std::uint64_t handshake_ms_max = 5'000;
    static constexpr std::uint64_t message_ms_max = 10'000;
    static constexpr std::uint64_t unsent_ms_max = 10'000;

    enum class Waiting : std::uint8_t { nothing, handshake, message, unsent };
    Waiting waiting() const;
    void fail(hsm::Status status);

    Descriptor socket_;
    firmware::channel::HostSession session_;
    bool readable_ = false;
    bool may_have_more_ = false;
    bool broken_ = false;
    bool greeted_ = false;
    std::uint64_t progress_ = 0;  // counts messages and bytes sent: each starts the time anew
    std::uint64_t watched_progress_ = 0;
    Waiting watched_ = Waiting::nothing;
    std::uint64_t deadline_ms_ = 0;
    std::string name_;
};

}  // namespace board::host
