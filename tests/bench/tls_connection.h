#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/json/fwd.hpp>
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

    // The text of a request; GET without a body, else POST of this JSON.
    std::string request(const std::string& path,
                        const std::string& token,
                        const boost::json::object* body) const;

private:
    std::string host_;
    std::uint16_t port_ = 443;
    std::unique_ptr<SSL_CTX, SslFree> context_;
};

struct Answer {
    unsigned status = 0;
    std::string body;
};

// An HTTP/1.1 connection, kept alive. It blocks, unless it parks; and once it is only to stay,
// nothing but the socket is left: so that thousands of them weigh nothing here. Ends the process
// with a message when it cannot be made or used.
class TlsConnection {
public:
    explicit TlsConnection(const TlsPeer& peer);
    TlsConnection(TlsConnection&& other) noexcept;
    TlsConnection& operator=(TlsConnection&&) = delete;
    ~TlsConnection();

    // From now on the fiber that asks parks while it waits, on the thread of `io`.
    void park_in(boost::asio::io_context& io);

    // Sends a request and reads the answer.
    Answer ask(const std::string& request);
    // Sends a request and reads nothing.
    void send(const std::string& request);
    // Forgets the TLS session, keeps the socket. Nothing can be said after that.
    void rest();

    // Open, and no byte has come that nobody has read.
    bool is_quiet() const;

private:
    using Watch = boost::asio::posix::stream_descriptor;

    // False: it can neither be waited for nor tried again.
    bool wait_after(int result);

    int socket_;
    std::unique_ptr<SSL, SslFree> ssl_;
    std::unique_ptr<Watch> watch_;
};

}  // namespace bench
