#include "server/net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "hsm/base/check.h"

namespace server::net {

TlsStream::TlsStream(SSL_CTX* context, int fd) : ssl_(SSL_new(context)) {
    CHECK(ssl_ != nullptr);
    CHECK(SSL_set_fd(ssl_.get(), fd) == 1);
    SSL_set_accept_state(ssl_.get());
}

// SSL_get_error() reads the thread's error queue too: an entry left by another library user would
// turn a plain "would block" into a failure, so every call begins with an empty queue.
Step TlsStream::handshake() {
    ERR_clear_error();
    return step_of(SSL_accept(ssl_.get()), 0);
}

Step TlsStream::read(std::span<char> buffer) {
    std::size_t moved = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &moved);
    return step_of(result, moved);
}

Step TlsStream::write(std::string_view bytes) {
    std::size_t moved = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &moved);
    return step_of(result, moved);
}

void TlsStream::shutdown() {
    if (!broken_ && SSL_is_init_finished(ssl_.get())) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
    }
}

bool TlsStream::pending() const {
    return SSL_has_pending(ssl_.get()) == 1;
}

std::optional<hsm::Digest> TlsStream::peer_certificate() const {
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    hsm::Digest digest{};
    unsigned size = 0;
    // Asked with each request: a connection may outlive its certificate.
    if (certificate == nullptr || X509_cmp_current_time(X509_get0_notBefore(certificate)) >= 0 ||
        X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0 ||
        X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) {
        return std::nullopt;
    }
    return digest;
}

Step TlsStream::step_of(int result, std::size_t bytes) {
    if (result > 0) {
        return {Step::Kind::done, bytes};
    }
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return {Step::Kind::want_read, 0};
        case SSL_ERROR_WANT_WRITE:
            return {Step::Kind::want_write, 0};
        case SSL_ERROR_ZERO_RETURN:
            return {Step::Kind::closed, 0};
        default:
            broken_ = true;
            return {Step::Kind::failed, 0};
    }
}

}  // namespace server::net
