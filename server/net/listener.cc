#include "server/net/listener.h"

#include <csignal>
#include <cstring>
#include <ctime>
#include <exception>
#include <netinet/tcp.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "server/net/plain_stream.h"
#include "server/net/tls_stream.h"

namespace server::net {
namespace {

namespace asio = boost::asio;

using asio::ip::tcp;
using boost::system::error_code;
using StreamEndpoint = asio::generic::stream_protocol::endpoint;

constexpr std::chrono::milliseconds accept_retry{50};
constexpr int backlog = 1024;

// Socket addresses of the C interface are read through copies: no aliasing, no alignment.
std::string address_text(const StreamEndpoint& endpoint) {
    tcp::endpoint address;
    if (endpoint.size() > address.capacity()) {
        return "unknown";
    }
    std::memcpy(address.data(), endpoint.data(), endpoint.size());
    return address.address().to_string();
}

bool somebody_listens(const std::string& path) {
    asio::io_context io;
    asio::local::stream_protocol::socket probe(io);
    error_code error;
    probe.connect(asio::local::stream_protocol::endpoint(path), error);
    return !error;
}

// Makes `path` free to bind: a socket that a server left behind when it was killed goes away,
// anything else stays and is an error.
hsm::Result<void, std::string> clear_socket_path(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return {};
    }
    if (!S_ISSOCK(status.st_mode)) {
        return fmt::format("{}: exists and is not a socket", path);
    }
    if (somebody_listens(path)) {
        return fmt::format("{}: another server is listening there", path);
    }
    ::unlink(path.c_str());
    return {};
}

}  // namespace

bool admin_peer_allowed(uid_t peer, uid_t own) {
    return peer == own || peer == 0;
}

Listener::Listener(asio::io_context& io, const Service& service, http::Transport transport)
    : io_(io),
      service_(service),
      transport_(transport),
      id_prefix_(fmt::format("{:x}", std::time(nullptr))),
      drain_timer_(io.get_executor()) {}

Listener::~Listener() {
    if (!path_.empty() && !stopping_) {
        ::unlink(path_.c_str());
    }
}

hsm::Result<std::unique_ptr<Listener>, std::string> Listener::open_tcp(asio::io_context& io,
                                                                       const Tcp& where,
                                                                       TlsContext& tls,
                                                                       const Service& service) {
    std::signal(SIGPIPE, SIG_IGN);
    std::unique_ptr<Listener> listener(new Listener(io, service, http::Transport::tls));
    listener->tls_ = &tls;
    TRY(listener->bind_all(where));
    return listener;
}

hsm::Result<std::unique_ptr<Listener>, std::string> Listener::open_plain(asio::io_context& io,
                                                                         const Tcp& where,
                                                                         const Service& service) {
    std::unique_ptr<Listener> listener(new Listener(io, service, http::Transport::plain));
    TRY(listener->bind_all(where));
    return listener;
}

hsm::Result<void, std::string> Listener::bind_all(const Tcp& where) {
    port_ = where.port;
    connections_max_ = where.connections_max;
    for (const std::string& address : where.addresses) {
        TRY(bind_tcp(address));
    }
    return {};
}

hsm::Result<std::unique_ptr<Listener>, std::string> Listener::open_local(asio::io_context& io,
                                                                         const Local& where,
                                                                         const Service& service) {
    std::unique_ptr<Listener> listener(new Listener(io, service, http::Transport::local));
    listener->own_uid_ = where.own_uid;
    listener->connections_max_ = where.connections_max;
    if (where.path.size() >= sizeof(sockaddr_un::sun_path)) {
        return fmt::format("{}: longer than the {} bytes that a socket's path may have",
                           where.path,
                           sizeof(sockaddr_un::sun_path) - 1);
    }
    TRY(clear_socket_path(where.path));
    listener->path_ = where.path;
    TRY(listener->bind_local());
    return listener;
}

hsm::Result<void, std::string> Listener::bind_tcp(const std::string& address) {
    error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) {
        return fmt::format("{}: not an IP address", address);
    }
    const tcp::endpoint endpoint(ip, port_);
    auto acceptor = std::make_unique<Acceptor>(io_.get_executor());
    acceptor->open(endpoint.protocol(), error);
    if (!error) {
        acceptor->set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error && ip.is_v6()) {
        acceptor->set_option(asio::ip::v6_only(true), error);
    }
    if (!error) {
        acceptor->bind(endpoint, error);
    }
    if (!error) {
        acceptor->listen(backlog, error);
    }
    if (error) {
        return fmt::format("cannot listen on {} port {}: {}", address, port_, error.message());
    }
    const StreamEndpoint bound = acceptor->local_endpoint();
    tcp::endpoint bound_address;
    std::memcpy(bound_address.data(), bound.data(), bound.size());
    port_ = bound_address.port();
    acceptors_.push_back(std::move(acceptor));
    return {};
}

hsm::Result<void, std::string> Listener::bind_local() {
    const asio::local::stream_protocol::endpoint endpoint(path_);
    auto acceptor = std::make_unique<Acceptor>(io_.get_executor());
    error_code error;
    acceptor->open(endpoint.protocol(), error);
    if (!error) {
        // The mode of the socket itself decides the mode of the file that bind() makes, so that
        // nobody else can connect in between.
        ::fchmod(acceptor->native_handle(), S_IRUSR | S_IWUSR);
        acceptor->bind(endpoint, error);
    }
    if (!error) {
        acceptor->listen(backlog, error);
    }
    if (error) {
        const std::string path = std::exchange(path_, std::string());
        return fmt::format("cannot listen on {}: {}", path, error.message());
    }
    acceptors_.push_back(std::move(acceptor));
    return {};
}

void Listener::start() {
    for (const auto& acceptor : acceptors_) {
        ++accepting_;
        asio::co_spawn(io_.get_executor(), accept(*acceptor), [this](std::exception_ptr failure) {
            --accepting_;
            finish_stopping_when_done();
            if (failure) {
                std::rethrow_exception(failure);
            }
        });
    }
}

Awaitable<> Listener::accept(Acceptor& acceptor) {
    Timer retry(io_.get_executor());
    bool complained = false;
    while (!stopping_) {
        error_code error;
        if (sessions_.size() < connections_max_) {
            Socket socket =
                co_await acceptor.async_accept(asio::redirect_error(use_awaitable, error));
            if (!error) {
                complained = false;
                begin(std::move(socket));
                continue;
            }
            if (stopping_ || error == asio::error::operation_aborted) {
                break;
            }
            // Out of descriptors or memory: sessions that end give some back. The connection
            // stays in the kernel's queue, so asking again at once would spin.
            if (!complained && error != asio::error::connection_aborted) {
                spdlog::warn("cannot accept a connection: {}", error.message());
                complained = true;
            }
        }
        retry.expires_after(accept_retry);
        co_await retry.async_wait(asio::redirect_error(use_awaitable, error));
    }
}

void Listener::begin(Socket socket) {
    error_code error;
    socket.non_blocking(true, error);
    const std::shared_ptr<Session> session = error ? nullptr : make_session(std::move(socket));
    if (!session) {
        return;
    }
    sessions_.insert(session);
    counters_.open = sessions_.size();
    asio::co_spawn(io_.get_executor(), session->run(), [this, session](std::exception_ptr failure) {
        end(session);
        try {
            if (failure) {
                std::rethrow_exception(failure);
            }
        } catch (const std::exception& exception) {
            spdlog::error("a connection ended with an exception: {}", exception.what());
        }
    });
}

// On the admin socket, whoever is allowed there.
bool Listener::is_admitted(int descriptor, Peer& peer) {
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
        !admin_peer_allowed(credentials.uid, own_uid_)) {
        ++counters_.refused;
        spdlog::warn("{}: refused a peer with uid {}", path_, credentials.uid);
        return false;
    }
    peer.name = fmt::format("uid {}", credentials.uid);
    return true;
}

std::shared_ptr<Session> Listener::make_session(Socket socket) {
    Peer peer;
    peer.transport = transport_;
    peer.connection = fmt::format("{}-{:x}", id_prefix_, ++counters_.accepted);
    const int fd = socket.native_handle();
    if (transport_ == http::Transport::local) {
        if (!is_admitted(fd, peer)) {
            return nullptr;
        }
    } else {
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        error_code error;
        const StreamEndpoint remote = socket.remote_endpoint(error);
        if (error) {
            return nullptr;
        }
        peer.name = address_text(remote);
    }
    std::unique_ptr<Stream> stream;
    if (transport_ == http::Transport::tls) {
        stream = std::make_unique<TlsStream>(tls_->current().get(), fd);
    } else {
        stream = std::make_unique<PlainStream>(fd);
    }
    return std::make_shared<Session>(
        std::move(socket), std::move(stream), std::move(peer), service_);
}

void Listener::end(const std::shared_ptr<Session>& session) {
    sessions_.erase(session);
    counters_.open = sessions_.size();
    finish_stopping_when_done();
}

void Listener::stop(std::function<void()> stopped) {
    stopping_ = true;
    stopped_ = std::move(stopped);
    for (const auto& acceptor : acceptors_) {
        error_code ignored;
        acceptor->close(ignored);
    }
    if (!path_.empty()) {
        ::unlink(path_.c_str());
    }
    for (const auto& session : sessions_) {
        session->stop();
    }
    drain_timer_.expires_after(service_.deadlines.drain);
    drain_timer_.async_wait([this](error_code error) {
        if (error) {
            return;
        }
        for (const auto& session : sessions_) {
            session->abort();
        }
        // A session whose handler still runs ends with it; nobody waits for that here.
        finish_stopping();
    });
    finish_stopping_when_done();
}

void Listener::finish_stopping_when_done() {
    if (stopping_ && sessions_.empty() && accepting_ == 0) {
        finish_stopping();
    }
}

void Listener::finish_stopping() {
    drain_timer_.cancel();
    if (stopped_) {
        asio::post(io_.get_executor(), std::exchange(stopped_, nullptr));
    }
}

}  // namespace server::net
