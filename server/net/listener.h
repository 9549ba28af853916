#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <sys/types.h>
#include <unordered_set>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>

#include "hsm/base/result.h"
#include "server/net/executor.h"
#include "server/net/service.h"
#include "server/net/session.h"
#include "server/net/tls_context.h"

namespace server::net {

// Who may speak on the admin socket: this process's own user, and root.
bool admin_peer_allowed(uid_t peer, uid_t own);

// Accepts connections and keeps their sessions. Everything on the I/O thread. Destroyed when the
// io_context no longer runs, and before it is destroyed.
class Listener {
public:
    struct Tcp {
        std::vector<std::string> addresses{"127.0.0.1"};
        std::uint16_t port = 0;  // 0: the system chooses, the same one for every address
        std::size_t connections_max = 10'000;
    };

    struct Local {
        std::string path;
        uid_t own_uid;
        std::size_t connections_max = 64;
    };

    struct Counters {
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0;  // another user on the admin socket
        std::size_t open = 0;
    };

    // HTTPS. The error names the address and what is wrong with it: taken, not ours, malformed.
    // Makes the process ignore SIGPIPE, as OpenSSL needs.
    static hsm::Result<std::unique_ptr<Listener>, std::string> open_tcp(boost::asio::io_context& io,
                                                                        const Tcp& where,
                                                                        TlsContext& tls,
                                                                        const Service& service);

    // HTTP without TLS, for a service whose answers are signed themselves. Errors as open_tcp()'s.
    static hsm::Result<std::unique_ptr<Listener>, std::string> open_plain(
        boost::asio::io_context& io, const Tcp& where, const Service& service);

    // HTTP on a unix socket with mode 0600; every request has Host::admin. A socket file that
    // nobody listens on is replaced. The error names the path.
    static hsm::Result<std::unique_ptr<Listener>, std::string> open_local(
        boost::asio::io_context& io, const Local& where, const Service& service);

    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    // The TCP port in use; 0 for the admin socket.
    std::uint16_t port() const { return port_; }

    void start();

    // Accepts no more, lets requests in flight be answered with `Connection: close`, cuts what is
    // left after Deadlines::drain, then calls `stopped`, once.
    void stop(std::function<void()> stopped);

    const Counters& counters() const { return counters_; }

private:
    using Acceptor =
        boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol, Executor>;

    Listener(boost::asio::io_context& io, const Service& service, http::Transport transport);

    hsm::Result<void, std::string> bind_all(const Tcp& where);
    hsm::Result<void, std::string> bind_tcp(const std::string& address);
    hsm::Result<void, std::string> bind_local();

    Awaitable<> accept(Acceptor& acceptor);
    void begin(Socket socket);
    void end(const std::shared_ptr<Session>& session);
    std::shared_ptr<Session> make_session(Socket socket);
    bool is_admitted(int descriptor, Peer& peer);
    void finish_stopping_when_done();
    void finish_stopping();

    boost::asio::io_context& io_;
    const Service& service_;
    http::Transport transport_;
    TlsContext* tls_ = nullptr;  // of Transport::tls
    std::string path_;           // of the admin socket
    uid_t own_uid_ = 0;
    std::uint16_t port_ = 0;
    std::size_t connections_max_ = 0;
    std::string id_prefix_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
    std::unordered_set<std::shared_ptr<Session>> sessions_;
    Counters counters_;
    std::size_t accepting_ = 0;  // accept loops that have not ended
    Timer drain_timer_;
    std::function<void()> stopped_;
    bool stopping_ = false;
};

}  // namespace server::net
