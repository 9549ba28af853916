#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace bench {

struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

// Whom to connect to, and whom to believe.
class TlsPeer {
public:
    // "https://host[:port]", on 127.0.0.1; only `ca_file` is believed.
    TlsPeer(const std::string& url, const std::string& ca_file);

    const std::string& host() const { return host_; }
    std::uint16_t port() const { return port_; }
    SSL_CTX* context() const { return context_.get(); }

private:
    std::string host_;
    std::uint16_t port_ = 443;
    std::unique_ptr<SSL_CTX, SslFree> context_;
};

// A blocking HTTP/1.1 connection of which, once it is only to stay, nothing but the socket is left:
// so that thousands of them weigh nothing here. Ends the process with a message when it cannot
// be made or used.
class TlsConnection {
public:
    explicit TlsConnection(const TlsPeer& peer);
    TlsConnection(TlsConnection&& other) noexcept;
    TlsConnection& operator=(TlsConnection&&) = delete;
    ~TlsConnection();

    // Sends a request and reads the answer; its status.
    unsigned ask(const std::string& request);
    // Sends a request and reads nothing.
    void send(const std::string& request);
    // Forgets the TLS session, keeps the socket. Nothing can be said after that.
    void rest();

    // Open, and no byte has come that nobody has read.
    bool is_quiet() const;

private:
    int socket_;
    std::unique_ptr<SSL, SslFree> ssl_;
};

}  // namespace bench
