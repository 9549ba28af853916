#include "board/host/listener.h"

#include <cerrno>
#include <cstring>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace board::host {
namespace {

constexpr int backlog = 16;

SetupError errno_error(const std::filesystem::path& path) {
    return {path.string() + ": " + std::strerror(errno)};
}

// Removes what a dead process left behind.
Setup<void> make_way(const std::filesystem::path& path, const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return {};
    }
    if (!S_ISSOCK(status.st_mode)) {
        return SetupError{path.string() + ": exists and is no socket"};
    }
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto* target = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(probe.get(), target, sizeof(address)) == 0 || errno != ECONNREFUSED) {
        return SetupError{path.string() + ": another process answers there"};
    }
    if (::unlink(path.c_str()) != 0) {
        return errno_error(path);
    }
    return {};
}

Setup<gid_t> group_of(const std::string& name) {
    if (name.empty()) {
        return static_cast<gid_t>(-1);
    }
    const auto* group = ::getgrnam(name.c_str());
    if (group == nullptr) {
        return SetupError{"socket_group: there is no group " + name};
    }
    return group->gr_gid;
}

}  // namespace

Setup<Listener> Listener::open(const Config& config) {
    const auto& path = config.socket;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof(address.sun_path)) {
        return SetupError{path.string() +
                          ": longer than the 107 bytes that a socket's path may be"};
    }
    path.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
    TRY_ASSIGN(const auto group, group_of(config.socket_group));
    TRY(make_way(path, address));

    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto old_mask = ::umask(0177);
    const int bound =
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::umask(old_mask);
    if (bound != 0) {
        return errno_error(path);
    }
    struct stat status {};
    if (::lchown(path.c_str(), static_cast<uid_t>(-1), group) != 0 ||
        ::chmod(path.c_str(), config.socket_mode) != 0 || ::lstat(path.c_str(), &status) != 0 ||
        ::listen(socket.get(), backlog) != 0) {
        auto error = errno_error(path);
        ::unlink(path.c_str());
        return error;
    }
    return Listener(std::move(socket), path, status.st_ino);
}

Listener::~Listener() {
    struct stat status {};
    if (socket_ && ::lstat(path_.c_str(), &status) == 0 && status.st_ino == inode_) {
        ::unlink(path_.c_str());
    }
}

Descriptor Listener::accept() const {
    return Descriptor(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

}  // namespace board::host
