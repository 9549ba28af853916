#include "hsm/client/line_relay.h"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hsm::client {
namespace {

using Clock = std::chrono::steady_clock;

// What a program may leave unread before it is cut off: more than answers to all that it can ask.
constexpr std::size_t unread_size_max = 1 << 20;

}  // namespace

LineRelay::LineRelay(Line line, OnRestart on_restart)
    : line_(std::move(line)), on_restart_(std::move(on_restart)) {}

LineRelay::~LineRelay() {
    for (std::uint8_t stream = 0; stream < joins_.size(); ++stream) {
        if (attached(stream)) {
            close_socket(stream);
        }
    }
}

bool LineRelay::attach(std::uint8_t stream, int socket) {
    if (attached(stream)) {
        return false;
    }
    joins_[stream].socket = socket;
    host_.open(stream, Clock::now());
    return true;
}

Result<void> LineRelay::turn(std::span<const int> wakes) {
    constexpr std::size_t wakes_max = 2;
    CHECK(wakes.size() <= wakes_max);
    constexpr std::size_t first_socket = 1 + wakes_max;
    std::array<pollfd, first_socket + protocol::stream_count> entries{};
    entries[0] = {line_.descriptor(),
                  static_cast<short>(host_.bytes_to_send().empty() ? POLLIN : POLLIN | POLLOUT),
                  0};
    for (std::size_t i = 0; i < wakes_max; ++i) {
        entries[1 + i] = {i < wakes.size() ? wakes[i] : -1, POLLIN, 0};
    }
    for (std::uint8_t stream = 0; stream < joins_.size(); ++stream) {
        const auto events = static_cast<short>((host_.room(stream) != 0 ? POLLIN : 0) |
                                               (joins_[stream].unread.empty() ? 0 : POLLOUT));
        // Not even its hang-up is of use while the module owes us room: poll() would not sleep.
        entries[first_socket + stream] = {events == 0 ? -1 : joins_[stream].socket, events, 0};
    }
    const auto next = host_.next_deadline();
    if (::poll(entries.data(), entries.size(), next == Deadline::max() ? -1 : poll_timeout(next)) <
            0 &&
        errno != EINTR) {
        return Status::io_failed;
    }
    if (entries[0].revents != 0) {
        TRY(read_line());
    }
    host_.watch(Clock::now(), *this);
    for (std::uint8_t stream = 0; stream < joins_.size(); ++stream) {
        if (entries[first_socket + stream].revents != 0 && attached(stream)) {
            read_socket(stream);
        }
        write_socket(stream);
    }
    return write_line();
}

void LineRelay::drain() {
    const auto until = after(std::chrono::milliseconds(500));
    while (write_line() && !host_.bytes_to_send().empty() && Clock::now() < until) {
        pollfd entry{line_.descriptor(), POLLOUT, 0};
        ::poll(&entry, 1, poll_timeout(until));
    }
}

Result<void> LineRelay::read_line() {
    std::array<Byte, 4096> buffer;
    TRY_ASSIGN(const auto size, line_.read(buffer));
    host_.receive(ByteView(buffer).first(size), Clock::now(), *this);
    return {};
}

Result<void> LineRelay::write_line() {
    while (!host_.bytes_to_send().empty()) {
        TRY_ASSIGN(const auto size, line_.write(host_.bytes_to_send()));
        if (size == 0) {
            break;
        }
        host_.sent(size);
    }
    return {};
}

void LineRelay::read_socket(std::uint8_t stream) {
    std::array<Byte, protocol::frame_payload_size_max> buffer;
    const auto room = host_.room(stream);
    if (room == 0) {
        return;
    }
    const auto size = ::recv(joins_[stream].socket, buffer.data(), room, 0);
    if (size > 0) {
        host_.send(stream, ByteView(buffer).first(static_cast<std::size_t>(size)), Clock::now());
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        host_.close(stream);
        close_socket(stream);
    }
}

void LineRelay::write_socket(std::uint8_t stream) {
    auto& join = joins_[stream];
    if (join.socket < 0 || join.unread.empty()) {
        return;
    }
    const auto size = ::send(join.socket, join.unread.data(), join.unread.size(), MSG_NOSIGNAL);
    if (size > 0) {
        join.unread.erase(join.unread.begin(), join.unread.begin() + size);
    }
    if ((size < 0 && errno != EAGAIN && errno != EINTR) || join.unread.size() > unread_size_max) {
        host_.close(stream);
        close_socket(stream);
    }
}

void LineRelay::received(std::uint8_t stream, ByteView bytes) {
    auto& unread = joins_[stream].unread;
    unread.insert(unread.end(), bytes.begin(), bytes.end());
}

// The alert that explains the end goes out before the socket is closed.
void LineRelay::ended(std::uint8_t stream) {
    write_socket(stream);
    if (attached(stream)) {
        close_socket(stream);
    }
}

void LineRelay::restarted(std::uint32_t cause, std::uint32_t detail) {
    if (on_restart_) {
        on_restart_(cause, detail);
    }
}

void LineRelay::close_socket(std::uint8_t stream) {
    ::close(joins_[stream].socket);
    joins_[stream] = {};
}

}  // namespace hsm::client
