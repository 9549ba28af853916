#include "server/net/plain_stream.h"

#include <cerrno>
#include <sys/socket.h>

namespace server::net {
namespace {

Step step_of(ssize_t moved, Step::Kind would_block) {
    if (moved > 0) {
        return {Step::Kind::done, static_cast<std::size_t>(moved)};
    }
    if (moved == 0) {
        return {Step::Kind::closed, 0};
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        return {would_block, 0};
    }
    return {Step::Kind::failed, 0};
}

}  // namespace

Step PlainStream::handshake() {
    return {Step::Kind::done, 0};
}

Step PlainStream::read(std::span<char> buffer) {
    return step_of(::recv(fd_, buffer.data(), buffer.size(), 0), Step::Kind::want_read);
}

Step PlainStream::write(std::string_view bytes) {
    return step_of(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), Step::Kind::want_write);
}

}  // namespace server::net
