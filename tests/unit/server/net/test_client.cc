#include "tests/unit/server/net/test_client.h"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "hsm/base/check.h"

namespace server::net {
namespace {

void set_timeout(int fd) {
    const timeval limit{20, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

SSL* make_ssl(int fd, int version_max) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    if (version_max != 0) {
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context, version_max);
    }
    SSL* ssl = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(ssl, fd);
    return ssl;
}

}  // namespace

TestClient::TestClient(std::uint16_t port, int version_max)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    CHECK(fd_ >= 0);
    set_timeout(fd_);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return;
    }
    ssl_ = make_ssl(fd_, version_max);
    connected_ = SSL_connect(ssl_) == 1;
}

TestClient::TestClient(const std::string& socket_path)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    CHECK(fd_ >= 0);
    set_timeout(fd_);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path.c_str(), sizeof(address.sun_path) - 1);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

TestClient::~TestClient() {
    disconnect();
}

void TestClient::disconnect() {
    SSL_free(ssl_);
    ssl_ = nullptr;
    if (fd_ >= 0) {
        ::close(fd_);
    }
    fd_ = -1;
}

std::string TestClient::tls_version() const {
    return SSL_get_version(ssl_);
}

std::string TestClient::certificate_name() const {
    std::array<char, 64> name{};
    X509* certificate = SSL_get1_peer_certificate(ssl_);
    X509_NAME_get_text_by_NID(
        X509_get_subject_name(certificate), NID_commonName, name.data(), name.size());
    X509_free(certificate);
    return name.data();
}

bool TestClient::send(std::string_view bytes) {
    if (ssl_ != nullptr) {
        std::size_t sent = 0;
        return SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent) == 1;
    }
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
}

bool TestClient::receive_more() {
    std::array<char, 16384> buffer;
    std::size_t size = 0;
    if (ssl_ != nullptr) {
        if (SSL_read_ex(ssl_, buffer.data(), buffer.size(), &size) != 1) {
            return false;
        }
    } else {
        const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            return false;
        }
        size = static_cast<std::size_t>(got);
    }
    received_.append(buffer.data(), size);
    return true;
}

std::optional<Answer> TestClient::receive(std::string_view method) {
    std::size_t head_size;
    while ((head_size = received_.find("\r\n\r\n")) == std::string::npos) {
        if (!receive_more()) {
            return std::nullopt;
        }
    }
    Answer answer;
    answer.status = static_cast<unsigned>(std::stoul(received_.substr(9, 3)));
    std::size_t at = received_.find("\r\n") + 2;
    while (at < head_size + 2) {
        const std::size_t end = received_.find("\r\n", at);
        const std::size_t colon = received_.find(':', at);
        std::string name = received_.substr(at, colon - at);
        for (char& c : name) {
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
        answer.headers[name] = received_.substr(colon + 2, end - colon - 2);
        at = end + 2;
    }
    received_.erase(0, head_size + 4);
    std::size_t body_size = 0;
    if (method != "HEAD" && answer.headers.contains("content-length")) {
        body_size = std::stoul(answer.headers["content-length"]);
    }
    while (received_.size() < body_size) {
        if (!receive_more()) {
            return std::nullopt;
        }
    }
    answer.body = received_.substr(0, body_size);
    received_.erase(0, body_size);
    return answer;
}

std::optional<std::string> TestClient::receive_until(std::string_view text) {
    std::size_t at = 0;
    while ((at = received_.find(text)) == std::string::npos) {
        if (!receive_more()) {
            return std::nullopt;
        }
    }
    std::string all = received_.substr(0, at + text.size());
    received_.erase(0, all.size());
    return all;
}

std::optional<Answer> TestClient::request(std::string_view method,
                                          std::string_view path,
                                          std::string_view body,
                                          std::string_view headers) {
    if (!send(request_text(method, path, body, headers))) {
        return std::nullopt;
    }
    return receive(method);
}

bool TestClient::ended() {
    return received_.empty() && !receive_more() && errno != EAGAIN;
}

std::string request_text(std::string_view method,
                         std::string_view path,
                         std::string_view body,
                         std::string_view headers) {
    std::string text;
    text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: api.localhost\r\n");
    text.append(headers);
    if (!body.empty()) {
        text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    }
    return text.append("\r\n").append(body);
}

}  // namespace server::net
