#include "firmware/channel/tls_session.h"

#include "hsm/base/byte_writer.h"

namespace firmware::channel {

using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::message_prefix_size;
using hsm::protocol::message_size_max;

TlsSession::TlsSession(const TlsServer& server, const TlsBuffers& buffers)
    : reader_(buffers.message),
      incoming_(buffers.incoming),
      answers_(buffers.answers),
      outgoing_(buffers.outgoing) {
    CHECK(buffers.answers.size() >= hsm::protocol::message_buffer_size &&
          buffers.outgoing.size() >= tls_record_size_max);
    mbedtls_ssl_init(&ssl_);
    CHECK(mbedtls_ssl_setup(&ssl_, &server.configuration()) == 0);
    mbedtls_ssl_set_user_data_p(&ssl_, this);
    mbedtls_ssl_set_bio(&ssl_, this, put_outgoing, take_incoming, nullptr);
}

TlsSession::~TlsSession() {
    mbedtls_ssl_free(&ssl_);
}

int TlsSession::take_incoming(void* session, unsigned char* into, std::size_t size) {
    auto& incoming = static_cast<TlsSession*>(session)->incoming_;
    const auto taken = incoming.view().first(std::min(size, incoming.size()));
    if (taken.empty()) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    std::ranges::copy(taken, into);
    incoming.drop_first(taken.size());
    return static_cast<int>(taken.size());
}

int TlsSession::put_outgoing(void* session, const unsigned char* bytes, std::size_t size) {
    auto& outgoing = static_cast<TlsSession*>(session)->outgoing_;
    const auto space = outgoing.space(size);
    const auto taken = ByteView(bytes, size).first(std::min(size, space.size()));
    if (taken.empty()) {
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    }
    std::ranges::copy(taken, space.begin());
    outgoing.grow(taken.size());
    return static_cast<int>(taken.size());
}

Result<void> TlsSession::open() {
    forget();
    if (mbedtls_ssl_session_reset(&ssl_) != 0) {
        phase_ = Phase::failed;
        return Status::engine_failed;
    }
    phase_ = Phase::handshake;
    return {};
}

void TlsSession::abandon() {
    forget();
    // A reset that fails has freed the keys all the same; open() tries again.
    (void)mbedtls_ssl_session_reset(&ssl_);
    phase_ = Phase::closed;
}

void TlsSession::forget() {
    host_ = nullptr;
    messages_ = 0;
    reader_.next();
    incoming_.clear();
    answers_.clear();
    held_ = 0;
    outgoing_.clear();
}

// Mbed TLS has queued its alert by now; the answers of a failed session are not for anybody.
Status TlsSession::fail(Status status) {
    phase_ = Phase::failed;
    answers_.clear();
    held_ = 0;
    return status;
}

// True when the handshake is over.
Result<bool> TlsSession::shake_hands() {
    const int result = mbedtls_ssl_handshake(&ssl_);
    if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) {
        return false;
    }
    // Mbed TLS 3.6 reports a wrong binder with a positive number.
    if (result != 0 || host_ == nullptr) {
        return fail(Status::handshake_failed);
    }
    phase_ = Phase::established;
    return true;
}

Result<std::optional<ByteView>> TlsSession::next_message() {
    constexpr std::optional<ByteView> nothing;
    if (phase_ == Phase::handshake) {
        TRY_ASSIGN(auto over, shake_hands());
        if (!over) {
            return nothing;
        }
    }
    if (phase_ != Phase::established) {
        return nothing;
    }
    if (reader_.message()) {
        reader_.next();
    }
    while (!reader_.message()) {
        const auto space = reader_.wanted();
        const int size = mbedtls_ssl_read(&ssl_, space.data(), space.size());
        if (size == MBEDTLS_ERR_SSL_WANT_READ || size == MBEDTLS_ERR_SSL_WANT_WRITE) {
            return nothing;
        }
        if (size == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
            return fail(Status::link_closed);
        }
        if (size <= 0) {
            return fail(Status::io_failed);
        }
        if (auto framed = reader_.received(static_cast<std::size_t>(size)); !framed) {
            mbedtls_ssl_close_notify(&ssl_);
            return fail(framed.error());
        }
    }
    if (++messages_ > messages_max) {
        mbedtls_ssl_close_notify(&ssl_);
        return fail(Status::link_closed);
    }
    return reader_.message();
}

MutableBytes TlsSession::answer_space() {
    CHECK(!answer_space_full());
    return answers_.space(message_prefix_size + message_size_max)
        .subspan(message_prefix_size, message_size_max);
}

void TlsSession::hold_answer(std::size_t size) {
    CHECK(size != 0 && size <= message_size_max);
    hsm::ByteWriter prefix(answers_.space(message_prefix_size).first(message_prefix_size));
    prefix.u16(static_cast<std::uint16_t>(size));
    answers_.grow(message_prefix_size + size);
    held_ += message_prefix_size + size;
}

void TlsSession::drop_answers() {
    answers_.drop_last(held_);
    held_ = 0;
}

ByteView TlsSession::bytes_to_send() {
    while (phase_ == Phase::established && answers_.size() > held_ &&
           outgoing_.free() >= tls_record_size_max) {
        const auto released = answers_.view().first(answers_.size() - held_);
        const int written = mbedtls_ssl_write(&ssl_, released.data(), released.size());
        if (written <= 0) {
            (void)fail(Status::io_failed);
            break;
        }
        answers_.drop_first(static_cast<std::size_t>(written));
    }
    return outgoing_.view();
}

void TlsSession::close() {
    if (phase_ == Phase::established) {
        mbedtls_ssl_close_notify(&ssl_);
    }
    phase_ = Phase::closed;
}

hsm::protocol::Role TlsSession::role() const {
    CHECK(phase_ == Phase::established);
    return host_->role;
}

std::string_view TlsSession::host_name() const {
    CHECK(phase_ == Phase::established);
    return hsm::text_of(host_->name);
}

}  // namespace firmware::channel
