#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/hsm/softphone/test_folder.h"

namespace hsm::softphone::testing {

struct ServerRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

struct ServerResponse {
    unsigned status = 200;
    std::string body;
    std::string extra_headers;  // whole lines
};

enum class Wire { tls, local_socket };

// A plain HTTP/1.1 server on OpenSSL's blocking calls, a thread for each connection: the other end
// for the client, written without any of its libraries.
class TlsServer {
public:
    // Called on the connection's thread; nothing is sent while it blocks.
    using Handler = std::function<ServerResponse(const ServerRequest&)>;

    explicit TlsServer(Handler handler,
                       const std::string& host = "approve.localhost",
                       Wire wire = Wire::tls);
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    std::string origin() const;
    std::string ca_file() const { return folder_.path("cert.pem").string(); }
    std::string socket_path() const { return folder_.path("socket").string(); }
    unsigned connections() const { return connections_; }

private:
    struct Tls;

    void accept_loop();
    void serve(int socket);

    TestFolder folder_;
    std::string host_;
    Wire wire_;
    Handler handler_;
    std::unique_ptr<Tls> tls_;
    int listener_ = -1;
    unsigned port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<unsigned> connections_ = 0;
    std::mutex mutex_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace hsm::softphone::testing
