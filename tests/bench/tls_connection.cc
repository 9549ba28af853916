#include "tests/bench/tls_connection.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <boost/json.hpp>
#include <openssl/err.h>

#include "hsm/sync/latch.h"
#include "tests/bench/failure.h"

namespace bench {
namespace {

int connect_to(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor < 0 ||
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        fail(std::string("cannot connect: ") + std::strerror(errno));
    }
    // A small request goes at once (RFC 896 would keep it back until the last was acknowledged).
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const timeval patience{30, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return descriptor;
}

// What Content-Length says; the server answers so to every request with a body.
std::size_t content_length(const std::string& head) {
    const auto at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

TlsPeer::TlsPeer(const std::string& url, const std::string& ca_file)
    : context_(SSL_CTX_new(TLS_client_method())) {
    constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme)) {
        fail(url + ": not an https URL");
    }
    host_ = url.substr(scheme.size());
    if (const auto colon = host_.find(':'); colon != std::string::npos) {
        port_ = static_cast<std::uint16_t>(std::stoul(host_.substr(colon + 1)));
        host_.resize(colon);
    }
    if (SSL_CTX_load_verify_locations(context_.get(), ca_file.c_str(), nullptr) != 1) {
        fail(ca_file + ": holds no certificate");
    }
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
}

std::string TlsPeer::request(const std::string& path,
                             const std::string& token,
                             const boost::json::object* body) const {
    const auto head = [&](const char* method) {
        return std::string(method) + " " + path + " HTTP/1.1\r\nHost: " + host_ + ":" +
               std::to_string(port_) + "\r\nAuthorization: Bearer " + token + "\r\n";
    };
    if (body == nullptr) {
        return head("GET") + "\r\n";
    }
    const auto text = boost::json::serialize(*body);
    return head("POST") +
           "Content-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) +
           "\r\n\r\n" + text;
}

TlsConnection::TlsConnection(const TlsPeer& peer)
    : socket_(connect_to(peer.port())), ssl_(SSL_new(peer.context())) {
    SSL_set_tlsext_host_name(ssl_.get(), peer.host().c_str());
    SSL_set1_host(ssl_.get(), peer.host().c_str());
    if (SSL_set_fd(ssl_.get(), socket_) != 1 || SSL_connect(ssl_.get()) != 1) {
        const auto* reason = ERR_reason_error_string(ERR_get_error());
        fail(std::string("no TLS connection: ") + (reason != nullptr ? reason : "closed"));
    }
}

TlsConnection::TlsConnection(TlsConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      ssl_(std::move(other.ssl_)),
      watch_(std::move(other.watch_)) {}

TlsConnection::~TlsConnection() {
    if (watch_) {
        watch_->release();
    }
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

void TlsConnection::park_in(boost::asio::io_context& io) {
    watch_ = std::make_unique<Watch>(io, socket_);
    watch_->non_blocking(true);
}

bool TlsConnection::wait_after(int result) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (!watch_ || (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)) {
        return false;
    }
    hsm::sync::Latch ready;
    watch_->async_wait(error == SSL_ERROR_WANT_READ ? Watch::wait_read : Watch::wait_write,
                       [&](boost::system::error_code) { ready.count_down(); });
    ready.wait();
    return true;
}

void TlsConnection::send(const std::string& request) {
    int sent = 0;
    do {
        ERR_clear_error();
        sent = SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size()));
    } while (sent <= 0 && wait_after(sent));
    if (sent <= 0) {
        fail("a request could not be sent");
    }
}

Answer TlsConnection::ask(const std::string& request) {
    send(request);
    std::string answer;
    std::size_t body = 0;
    std::size_t whole = std::string::npos;
    while (whole == std::string::npos || answer.size() < whole) {
        char buffer[4096];
        ERR_clear_error();
        const int size = SSL_read(ssl_.get(), buffer, sizeof(buffer));
        if (size <= 0) {
            if (!wait_after(size)) {
                fail("a request was not answered");
            }
            continue;
        }
        answer.append(buffer, static_cast<std::size_t>(size));
        const auto end = answer.find("\r\n\r\n");
        if (whole == std::string::npos && end != std::string::npos) {
            body = end + 4;
            whole = body + content_length(answer.substr(0, end));
        }
    }
    constexpr std::size_t status_at = sizeof("HTTP/1.1");
    return {static_cast<unsigned>(std::stoul(answer.substr(status_at, 3))), answer.substr(body)};
}

void TlsConnection::rest() {
    ssl_.reset();
}

bool TlsConnection::is_quiet() const {
    char byte = 0;
    return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

}  // namespace bench
