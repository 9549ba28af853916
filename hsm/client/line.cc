#include "hsm/client/line.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace hsm::client {
namespace {

bool make_raw(int descriptor) {
    termios settings{};
    if (::tcgetattr(descriptor, &settings) != 0) {
        return false;
    }
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cflag &= ~static_cast<tcflag_t>(CRTSCTS);
    static_assert(Line::line_baud == 1'000'000);
    return ::cfsetspeed(&settings, B1000000) == 0 &&
           ::tcsetattr(descriptor, TCSANOW, &settings) == 0;
}

}  // namespace

Line::Line(Line&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Line& Line::operator=(Line&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

Line::~Line() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Result<Line> Line::open(const SerialPath& port) {
    Line line(::open(port.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (line.descriptor_ < 0) {
        return errno == EBUSY ? Status::busy : Status::link_refused;
    }
    // TIOCEXCL keeps out whoever opens it later, the lock whoever was here before and keeps to it.
    if (::flock(line.descriptor_, LOCK_EX | LOCK_NB) != 0 ||
        ::ioctl(line.descriptor_, TIOCEXCL) != 0) {
        return errno == EWOULDBLOCK || errno == EBUSY ? Status::busy : Status::io_failed;
    }
    if (!make_raw(line.descriptor_)) {
        return Status::io_failed;
    }
    return line;
}

Result<Line> Line::open(const FramedUnixPath& socket, Deadline deadline) {
    TRY_ASSIGN(auto connected, Socket::connect(Endpoint(UnixPath{socket.path}), deadline));
    return Line(connected.release());
}

Result<std::size_t> Line::read(MutableBytes into) {
    const auto size = ::read(descriptor_, into.data(), into.size());
    if (size > 0) {
        return static_cast<std::size_t>(size);
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return std::size_t{0};
    }
    return Status::link_closed;
}

Result<std::size_t> Line::write(ByteView bytes) {
    // A socket whose other end is gone must not send a signal.
    auto size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == ENOTSOCK) {
        size = ::write(descriptor_, bytes.data(), bytes.size());
    }
    if (size >= 0) {
        return static_cast<std::size_t>(size);
    }
    if (errno == EAGAIN || errno == EINTR) {
        return std::size_t{0};
    }
    return Status::link_closed;
}

Result<void> Line::write_all(ByteView bytes, Deadline deadline) {
    while (!bytes.empty()) {
        TRY_ASSIGN(const auto size, write(bytes));
        bytes = bytes.subspan(size);
        if (size == 0) {
            TRY(wait(Readiness::writable, deadline));
        }
    }
    return {};
}

}  // namespace hsm::client
