#include "hsm/client/session.h"

#include <cstring>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "hsm/base/byte_writer.h"
#include "hsm/openssl/pointers.h"

namespace hsm::client {
namespace {

// Mbed TLS on the other end has buffers for this much, and OpenSSL 3.0 cannot learn it from TLS.
constexpr long record_size_max_to_module = 2048;

using ContextPointer = std::unique_ptr<SSL_CTX, openssl::Freed<SSL_CTX_free>>;
using SslPointer = std::unique_ptr<SSL, openssl::Freed<SSL_free>>;
using SslSessionPointer = std::unique_ptr<SSL_SESSION, openssl::Freed<SSL_SESSION_free>>;

// TLS 1.3 takes an external PSK in the form of a session to resume.
SslSessionPointer session_of(SSL* ssl, const Psk& psk) {
    constexpr unsigned char aes_128_gcm_sha256[] = {0x13, 0x01};
    const auto* cipher = ::SSL_CIPHER_find(ssl, aes_128_gcm_sha256);
    SslSessionPointer session(::SSL_SESSION_new());
    const auto secret = psk.secret.reveal();
    if (cipher == nullptr || session == nullptr ||
        ::SSL_SESSION_set1_master_key(session.get(), secret.data(), secret.size()) != 1 ||
        ::SSL_SESSION_set_cipher(session.get(), cipher) != 1 ||
        ::SSL_SESSION_set_protocol_version(session.get(), TLS1_3_VERSION) != 1) {
        return nullptr;
    }
    return session;
}

int use_psk(SSL* ssl,
            const EVP_MD* digest,
            const unsigned char** identity,
            std::size_t* identity_size,
            SSL_SESSION** session) {
    const auto& psk = *static_cast<const Psk*>(::SSL_get_ex_data(ssl, 0));
    // After a HelloRetryRequest the digest is fixed; ours is SHA-256 and nothing else.
    if (digest != nullptr && ::EVP_MD_is_a(digest, "SHA256") != 1) {
        *session = nullptr;
        return 1;
    }
    auto made = session_of(ssl, psk);
    if (made == nullptr) {
        return 0;
    }
    *identity = reinterpret_cast<const unsigned char*>(psk.identity.data());
    *identity_size = psk.identity.size();
    *session = made.release();
    return 1;
}

// The module went away instead of refusing with an alert: it ends, or has hosts enough.
bool hung_up(int error) {
    return error == SSL_ERROR_SYSCALL ||
           (error == SSL_ERROR_SSL &&
            ERR_GET_REASON(::ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

ContextPointer make_context() {
    ContextPointer context(::SSL_CTX_new(TLS_client_method()));
    if (context == nullptr || ::SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
        ::SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
        ::SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256") != 1 ||
        ::SSL_CTX_set1_groups_list(context.get(), "P-256") != 1 ||
        ::SSL_CTX_set_max_send_fragment(context.get(), record_size_max_to_module) != 1) {
        return nullptr;
    }
    // No certificate is ever taken instead of the PSK.
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    ::SSL_CTX_set_psk_use_session_callback(context.get(), use_psk);
    ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    ::SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    ::SSL_CTX_clear_options(context.get(), SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    // One read() takes every record that is here.
    ::SSL_CTX_set_read_ahead(context.get(), 1);
    return context;
}

// On a serial line: the server's stream, or the other one.
std::uint8_t stream_of(protocol::Role role) {
    return role == protocol::Role::server ? 0 : 1;
}

}  // namespace

// Incoming bytes come straight from the socket; outgoing records gather in memory, so that several
// leave in one send().
struct Session::Tls {
    ContextPointer context;
    SslPointer ssl;
    BIO* outgoing = nullptr;  // owned by ssl
    std::size_t sent = 0;     // of what `outgoing` holds
    protocol::MessageReader reader;
};

Session::Session(Socket socket, std::unique_ptr<Tls> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {}
Session::Session(Session&& other) noexcept = default;
Session& Session::operator=(Session&& other) noexcept = default;
Session::~Session() = default;

int Session::descriptor() const {
    return socket_.descriptor();
}

Result<Session> Session::connect(const Endpoint& endpoint, const Psk& psk, Deadline deadline) {
    TRY_ASSIGN(auto socket, Socket::connect(endpoint, deadline, stream_of(psk.role)));
    auto tls = std::make_unique<Tls>();
    tls->context = make_context();
    if (tls->context == nullptr) {
        return Status::handshake_failed;
    }
    tls->ssl.reset(::SSL_new(tls->context.get()));
    auto* incoming = ::BIO_new_socket(socket.descriptor(), BIO_NOCLOSE);
    tls->outgoing = ::BIO_new(::BIO_s_mem());
    if (tls->ssl == nullptr || incoming == nullptr || tls->outgoing == nullptr) {
        ::BIO_free(incoming);
        ::BIO_free(tls->outgoing);
        return Status::handshake_failed;
    }
    ::SSL_set_bio(tls->ssl.get(), incoming, tls->outgoing);
    ::SSL_set_connect_state(tls->ssl.get());
    ::SSL_set_ex_data(tls->ssl.get(), 0, const_cast<Psk*>(&psk));

    Session session(std::move(socket), std::move(tls));
    TRY(session.shake_hands(deadline));
    ::SSL_set_ex_data(session.tls_->ssl.get(), 0, nullptr);
    return session;
}

Result<void> Session::shake_hands(Deadline deadline) {
    for (;;) {
        ::ERR_clear_error();
        const int result = ::SSL_do_handshake(tls_->ssl.get());
        const int error = ::SSL_get_error(tls_->ssl.get(), result);
        auto flushed = flush();
        while (flushed && !*flushed) {
            TRY(socket_.wait(Socket::Readiness::writable, deadline));
            flushed = flush();
        }
        if (result == 1) {
            // Without the PSK there is no peer that we know.
            return flushed && ::SSL_session_reused(tls_->ssl.get()) == 1
                       ? Result<void>()
                       : Result<void>(Status::handshake_failed);
        }
        if (error != SSL_ERROR_WANT_READ || !flushed) {
            return hung_up(error) || !flushed ? Status::link_closed : Status::handshake_failed;
        }
        TRY(socket_.wait(Socket::Readiness::readable, deadline));
    }
}

Result<void> Session::write(ByteView stream) {
    ::ERR_clear_error();
    std::size_t written = 0;
    const int result = ::SSL_write_ex(tls_->ssl.get(), stream.data(), stream.size(), &written);
    if (result != 1 || written != stream.size()) {
        return Status::link_closed;
    }
    return {};
}

Result<bool> Session::flush() {
    char* start = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(tls_->outgoing, &start));
    while (tls_->sent < size) {
        const ByteView rest(reinterpret_cast<const Byte*>(start) + tls_->sent, size - tls_->sent);
        TRY_ASSIGN(auto sent, socket_.send(rest));
        if (sent == 0) {
            return false;
        }
        tls_->sent += sent;
    }
    if (size != 0) {
        (void)BIO_reset(tls_->outgoing);
        tls_->sent = 0;
    }
    return true;
}

Result<std::optional<ByteView>> Session::next_message() {
    auto& reader = tls_->reader;
    if (reader.message()) {
        reader.next();
    }
    while (!reader.message()) {
        const auto space = reader.wanted();
        std::size_t size = 0;
        ::ERR_clear_error();
        const int result = ::SSL_read_ex(tls_->ssl.get(), space.data(), space.size(), &size);
        if (result != 1) {
            if (::SSL_get_error(tls_->ssl.get(), result) == SSL_ERROR_WANT_READ) {
                return std::optional<ByteView>();
            }
            return Status::link_closed;
        }
        if (!reader.received(size)) {
            return Status::response_wrong;
        }
    }
    return reader.message();
}

Result<void> Session::send(ByteView message, Deadline deadline) {
    std::array<Byte, protocol::message_prefix_size + protocol::message_size_max> buffer;
    ByteWriter writer(buffer);
    writer.u16(static_cast<std::uint16_t>(message.size()));
    writer.bytes(message);
    if (!writer.ok()) {
        return Status::message_too_large;
    }
    TRY(write(writer.written()));
    for (;;) {
        TRY_ASSIGN(auto all_sent, flush());
        if (all_sent) {
            return {};
        }
        TRY(socket_.wait(Socket::Readiness::writable, deadline));
    }
}

Result<ByteView> Session::receive(Deadline deadline) {
    for (;;) {
        TRY_ASSIGN(auto message, next_message());
        if (message) {
            return *message;
        }
        TRY(socket_.wait(Socket::Readiness::readable, deadline));
    }
}

void Session::close() {
    ::ERR_clear_error();
    ::SSL_shutdown(tls_->ssl.get());
    (void)flush();
}

}  // namespace hsm::client
