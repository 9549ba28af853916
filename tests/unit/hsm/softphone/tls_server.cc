#include "tests/unit/hsm/softphone/tls_server.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "hsm/base/check.h"
#include "hsm/openssl/pointers.h"

namespace hsm::softphone::testing {
namespace {

constexpr int poll_ms = 20;

void write_certificate(const std::string& host, const std::string& certificate_path, SSL_CTX* to) {
    const openssl::EvpKeyPtr key(EVP_EC_gen("P-256"));
    const openssl::X509Ptr certificate(X509_new());
    auto* raw = certificate.get();
    X509_set_version(raw, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
    X509_gmtime_adj(X509_getm_notBefore(raw), -3600);
    X509_gmtime_adj(X509_getm_notAfter(raw), 3600);
    X509_set_pubkey(raw, key.get());
    auto* name = X509_get_subject_name(raw);
    X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(raw, name);
    auto* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + host).c_str());
    X509_add_ext(raw, extension, -1);
    X509_EXTENSION_free(extension);
    CHECK(X509_sign(raw, key.get(), EVP_sha256()) > 0);
    std::FILE* file = std::fopen(certificate_path.c_str(), "w");
    CHECK(file != nullptr && PEM_write_X509(file, raw) == 1);
    std::fclose(file);
    CHECK(SSL_CTX_use_certificate(to, raw) == 1 && SSL_CTX_use_PrivateKey(to, key.get()) == 1);
}

// One connection, over TLS or plain.
struct Peer {
    int socket;
    SSL* ssl;

    long read(char* into, std::size_t size) const {
        return ssl != nullptr ? SSL_read(ssl, into, static_cast<int>(size))
                              : ::recv(socket, into, size, 0);
    }
    bool write(std::string_view text) const {
        while (!text.empty()) {
            const long sent = ssl != nullptr
                                  ? SSL_write(ssl, text.data(), static_cast<int>(text.size()))
                                  : ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    bool pending() const { return ssl != nullptr && SSL_pending(ssl) > 0; }
};

ServerRequest parse_head(const std::string& head) {
    ServerRequest request;
    std::size_t at = head.find("\r\n");
    const auto first = head.substr(0, at);
    request.method = first.substr(0, first.find(' '));
    const auto target = first.find(' ') + 1;
    request.target = first.substr(target, first.find(' ', target) - target);
    while (at + 2 < head.size()) {
        const auto start = at + 2;
        at = std::min(head.find("\r\n", start), head.size());
        const auto line = head.substr(start, at - start);
        auto name = line.substr(0, line.find(':'));
        std::ranges::transform(
            name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        request.headers[name] = line.size() > name.size() + 2 ? line.substr(name.size() + 2) : "";
    }
    return request;
}

std::string written(const ServerResponse& response) {
    return "HTTP/1.1 " + std::to_string(response.status) +
           " X\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(response.body.size()) + "\r\n" + response.extra_headers + "\r\n" +
           response.body;
}

}  // namespace

struct TlsServer::Tls {
    Tls() : context(SSL_CTX_new(TLS_server_method())) { CHECK(context != nullptr); }
    ~Tls() { SSL_CTX_free(context); }
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;

    SSL_CTX* context;
};

TlsServer::TlsServer(Handler handler, const std::string& host, Wire wire)
    : host_(host), wire_(wire), handler_(std::move(handler)), tls_(std::make_unique<Tls>()) {
    std::signal(SIGPIPE, SIG_IGN);
    write_certificate(host_, ca_file(), tls_->context);
    if (wire_ == Wire::local_socket) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket_path().copy(address.sun_path, sizeof(address.sun_path) - 1);
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    } else {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    CHECK(::listen(listener_, 16) == 0);
    acceptor_ = std::thread([this] { accept_loop(); });
}

TlsServer::~TlsServer() {
    stopping_ = true;
    acceptor_.join();
    for (auto& thread : threads_) {
        thread.join();
    }
    ::close(listener_);
}

std::string TlsServer::origin() const {
    return "https://" + host_ + ":" + std::to_string(port_);
}

void TlsServer::accept_loop() {
    while (!stopping_) {
        pollfd ready{listener_, POLLIN, 0};
        if (::poll(&ready, 1, poll_ms) <= 0) {
            continue;
        }
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket >= 0) {
            ++connections_;
            threads_.emplace_back([this, socket] { serve(socket); });
        }
    }
}

void TlsServer::serve(int socket) {
    std::unique_ptr<SSL, openssl::Freed<SSL_free>> ssl;
    if (wire_ == Wire::tls) {
        ssl.reset(SSL_new(tls_->context));
        SSL_set_fd(ssl.get(), socket);
        if (SSL_accept(ssl.get()) != 1) {
            ::close(socket);
            return;
        }
    }
    const Peer peer{socket, ssl.get()};
    std::string received;
    std::optional<ServerRequest> request;
    while (!stopping_) {
        if (!request) {
            if (const auto end = received.find("\r\n\r\n"); end != std::string::npos) {
                request = parse_head(received.substr(0, end));
                received.erase(0, end + 4);
            }
        }
        if (request) {
            const auto length = request->headers.find("content-length");
            const auto wanted = length == request->headers.end() ? 0 : std::stoul(length->second);
            if (received.size() >= wanted) {
                request->body = received.substr(0, wanted);
                received.erase(0, wanted);
                if (!peer.write(written(handler_(*request)))) {
                    break;
                }
                request.reset();
                continue;
            }
        }
        pollfd ready{socket, POLLIN, 0};
        if (!peer.pending() && ::poll(&ready, 1, poll_ms) == 0) {
            continue;
        }
        char buffer[4096];
        const long got = peer.read(buffer, sizeof(buffer));
        if (got <= 0) {
            break;
        }
        received.append(buffer, static_cast<std::size_t>(got));
    }
    ssl.reset();
    ::close(socket);
}

}  // namespace hsm::softphone::testing
