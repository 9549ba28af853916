#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "hsm/client/line_relay.h"

namespace {

using hsm::Result;
using hsm::Status;
using hsm::client::FramedUnixPath;
using hsm::client::Line;
using hsm::client::LineRelay;
using hsm::client::SerialPath;

constexpr std::string_view usage =
    "usage: kyso-uart --line ENDPOINT --socket PATH\n"
    "\n"
    "Lets programs reach a board over its serial line as if it were a module on a unix socket: "
    "two\n"
    "at a time, the server and an operator. Serves until SIGTERM or until the line is gone.\n"
    "\n"
    "  --line ENDPOINT  serial:/dev/ttyACM0, or uart+unix:PATH for an emulated board\n"
    "  --socket PATH    the unix socket; what a dead process left there is replaced\n"
    "  --help           this text\n";

int fail(std::string_view what) {
    std::fprintf(stderr, "kyso-uart: %.*s\n", static_cast<int>(what.size()), what.data());
    return 2;
}

Result<Line> open_line(std::string_view text) {
    TRY_ASSIGN(const auto endpoint, hsm::client::parse_endpoint(text));
    if (const auto* port = std::get_if<SerialPath>(&endpoint)) {
        return Line::open(*port);
    }
    const auto* framed = std::get_if<FramedUnixPath>(&endpoint);
    if (framed == nullptr) {
        return Status::malformed;
    }
    // Both may have been started at once.
    const auto until = hsm::client::after(std::chrono::seconds(10));
    for (;;) {
        auto line = Line::open(*framed, until);
        if (line || line.error() != Status::link_refused ||
            std::chrono::steady_clock::now() >= until) {
            return line;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

// Nothing there, or a socket that nobody answers: what a dead process left.
bool is_free(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) {
        return errno == ENOENT;
    }
    if (!S_ISSOCK(found.st_mode)) {
        return false;
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const bool answered =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
        errno == EAGAIN;
    ::close(probe);
    return !answered;
}

// Whoever may open the folder may connect; the PSK inside TLS says who it is. The socket has its
// name only once it listens: who sees it can connect.
int listen_at(const std::string& path) {
    const auto unready = path + ".new";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || unready.size() >= sizeof(address.sun_path)) {
        return -1;
    }
    unready.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ::unlink(unready.c_str());
    const auto mask = ::umask(0177);
    const bool bound =
        ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::umask(mask);
    const bool listens = bound && ::listen(listener, 16) == 0 && is_free(path) &&
                         std::rename(unready.c_str(), path.c_str()) == 0;
    if (!listens) {
        ::unlink(unready.c_str());
        return -1;
    }
    return listener;
}

int open_stop_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool is_readable(int descriptor) {
    pollfd entry{descriptor, POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
}

bool has_free_stream(const LineRelay& relay) {
    return !relay.attached(0) || !relay.attached(1);
}

// The first free stream: which of the two it is, the module does not ask. Whoever comes while both
// are taken waits in the listener's queue.
void accept_next(LineRelay& relay, int listener) {
    if (!has_free_stream(relay)) {
        return;
    }
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
        CHECK(relay.attach(relay.attached(0) ? 1 : 0, socket));
    }
}

int serve(LineRelay& relay, int listener, int stop) {
    for (;;) {
        const std::array wakes{has_free_stream(relay) ? listener : -1, stop};
        if (!relay.turn(wakes)) {
            return fail("the line is gone");
        }
        if (is_readable(stop)) {
            relay.drain();
            return 0;
        }
        accept_next(relay, listener);
    }
}

void say_restarted(std::uint32_t cause, std::uint32_t detail) {
    std::fprintf(stderr,
                 "kyso-uart: the board has started; its end before: cause %u, detail 0x%08x\n",
                 cause,
                 detail);
}

int run(std::string_view line_name, const std::string& socket) {
    const int stop = open_stop_signals();
    auto line = open_line(line_name);
    if (!line) {
        return fail("the line " + std::string(line_name) +
                    " cannot be opened: " + std::string(hsm::base::status_name(line.error())));
    }
    LineRelay relay(*std::move(line), say_restarted);
    const int listener = listen_at(socket);
    if (listener < 0) {
        return fail("cannot listen at " + socket +
                    ": something else is there, or the folder cannot be written");
    }
    const int status = serve(relay, listener, stop);
    ::unlink(socket.c_str());
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    std::string line;
    std::string socket;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--help") {
            std::fwrite(usage.data(), 1, usage.size(), stdout);
            return 0;
        }
        if ((name != "--line" && name != "--socket") || i + 1 == argc) {
            return fail("unknown or incomplete argument (see --help)");
        }
        (name == "--line" ? line : socket) = argv[++i];
    }
    if (line.empty() || socket.empty()) {
        return fail("--line and --socket are needed (see --help)");
    }
    return run(line, socket);
}
