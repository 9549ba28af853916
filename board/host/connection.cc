#include "board/host/connection.h"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

#include "board/host/log.h"

namespace board::host {

using firmware::channel::TlsSession;
using hsm::Status;

bool Connection::open(Descriptor socket, std::uint64_t now_ms) {
    if (!session_.open()) {
        return false;
    }
    socket_ = std::move(socket);
    readable_ = may_have_more_ = broken_ = greeted_ = false;
    name_.clear();
    watched_ = Waiting::handshake;
    watched_progress_ = progress_;
    deadline_ms_ = now_ms + handshake_ms_max;
    return true;
}

void Connection::receive() {
    while (readable_) {
        const auto space = session_.receive_space();
        if (space.empty()) {
            return;
        }
        const auto size = ::recv(socket_.get(), space.data(), space.size(), 0);
        if (size > 0) {
            session_.received(static_cast<std::size_t>(size));
            may_have_more_ = true;
            readable_ = static_cast<std::size_t>(size) == space.size();
            return;
        }
        readable_ = false;
        if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
            fail(Status::link_closed);
        }
    }
}

std::optional<hsm::ByteView> Connection::next_request() {
    while (!broken_ && !session_.answer_space_full()) {
        receive();
        if (broken_) {
            break;
        }
        auto message = session_.next_message();
        if (!message) {
            fail(message.error());
            break;
        }
        if (!greeted_ && session_.phase() == TlsSession::Phase::established) {
            greeted_ = true;
            name_ = session_.host_name();
            LogLine(LogLevel::info, "host connected")
                .text("host", name_)
                .text("role", hsm::protocol::role_name(session_.role()));
        }
        if (*message) {
            ++progress_;
            return *message;
        }
        if (!readable_) {
            may_have_more_ = false;
            break;
        }
    }
    return std::nullopt;
}

void Connection::send() {
    for (;;) {
        const auto bytes = session_.bytes_to_send();
        if (bytes.empty()) {
            return;
        }
        const auto size = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                fail(Status::link_closed);
            }
            return;
        }
        session_.sent(static_cast<std::size_t>(size));
        ++progress_;
    }
}

void Connection::fail(Status status) {
    if (broken_) {
        return;
    }
    broken_ = true;
    const bool left = status == Status::link_closed;
    LogLine(left ? LogLevel::info : LogLevel::warning, left ? "host left" : "host cut off")
        .text("host", name_)
        .text("reason", hsm::base::status_name(status));
}

Connection::Waiting Connection::waiting() const {
    if (session_.phase() == TlsSession::Phase::handshake) {
        return Waiting::handshake;
    }
    if (session_.has_unsent()) {
        return Waiting::unsent;
    }
    return session_.in_message() ? Waiting::message : Waiting::nothing;
}

void Connection::watch(std::uint64_t now_ms) {
    const auto what = waiting();
    if (what != watched_ || (progress_ != watched_progress_ && what != Waiting::handshake)) {
        watched_ = what;
        watched_progress_ = progress_;
        deadline_ms_ = what == Waiting::nothing
                           ? 0
                           : now_ms + (what == Waiting::unsent ? unsent_ms_max : message_ms_max);
    }
    if (session_.host_withdrawn()) {
        fail(Status::link_closed);
    } else if (deadline_ms_ != 0 && now_ms >= deadline_ms_) {
        fail(Status::link_timeout);
    }
}

short Connection::events() const {
    const bool reads = !session_.answer_space_full();
    return static_cast<short>((reads ? POLLIN : 0) | (session_.has_unsent() ? POLLOUT : 0));
}

void Connection::ready(short events) {
    // A hang-up shows in recv(), after the last bytes.
    readable_ = readable_ || (events & (POLLIN | POLLHUP | POLLERR)) != 0;
    if (readable_) {
        may_have_more_ = true;
    }
    if ((events & POLLERR) != 0) {
        fail(Status::link_closed);
    }
}

void Connection::close() {
    session_.close();
    send();
    socket_.reset();
}

}  // namespace board::host
