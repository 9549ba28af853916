#pragma once

#include <optional>

#include "firmware/channel/byte_queue.h"
#include "firmware/channel/tls_server.h"
#include "hsm/protocol/message_reader.h"

namespace firmware::channel {

// Where a session keeps its bytes. Sessions of one loop may share what is empty between two turns
// of it: `message` when no other session is in_message(), `answers` and `outgoing` when each turn
// sends all that there is.
struct TlsBuffers {
    hsm::MutableBytes incoming;  // from the peer, not yet read by Mbed TLS; any size
    hsm::MutableBytes message;   // message_buffer_size
    hsm::MutableBytes answers;   // plain, prefixes included; at least message_buffer_size
    hsm::MutableBytes outgoing;  // records; at least tls_record_size_max
};

constexpr std::size_t tls_record_size_max =
    MBEDTLS_SSL_OUT_CONTENT_LEN + 64;  // header, type, padding, tag

// One connection, without its wire: the loop puts in the bytes that came and takes out the bytes
// to send, from a socket or a UART alike. Its object is used again for the next connection.
//
//   open() → { received(), next_message() → answer_space(), hold_answer() → release_answers(),
//   bytes_to_send(), sent() }* → close()
//
// Whatever the peer does ends at worst in the phase `failed`: an alert to send, then nothing.
class TlsSession {
public:
    enum class Phase : std::uint8_t { closed, handshake, established, failed };

    // Takes Mbed TLS's own buffers, once and for good. `server` and `buffers` outlive this.
    TlsSession(const TlsServer& server, const TlsBuffers& buffers);
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;
    ~TlsSession();

    // A new peer; everything of the one before is forgotten. `engine_failed` when Mbed TLS has no
    // memory left.
    hsm::Result<void> open();

    // Where bytes from the peer go; empty while enough of them wait.
    hsm::MutableBytes receive_space() { return incoming_.space(tls_record_size_max); }
    void received(std::size_t size) { incoming_.grow(size); }
    // Has everything received been read?
    bool incoming_used_up() const { return incoming_.empty(); }

    // Works on what was received: the handshake, then the next message, valid until the next call.
    // Nothing when more bytes are needed. An error once, when the session fails:
    // `handshake_failed`, `link_closed` (the peer said so), `message_too_large`, `malformed`
    // (framing) or `io_failed` (a bad record).
    hsm::Result<std::optional<hsm::ByteView>> next_message();

    // Answers wait for the peer to read, and there is no room for another: ask for no message.
    bool answer_space_full() const {
        return answers_.free() <
               hsm::protocol::message_prefix_size + hsm::protocol::message_size_max;
    }
    // Room for an answer, message_size_max bytes, unless full.
    hsm::MutableBytes answer_space();
    // An answer of `size` bytes is there. It stays until release_answers().
    void hold_answer(std::size_t size);
    void release_answers() { held_ = 0; }
    // The answers held, prefixes included, until the next call; and away with them.
    hsm::ByteView held_answers() const { return answers_.view().last(held_); }
    void drop_answers();

    // Encrypts what was released, as far as there is room, and shows what is ready to leave.
    hsm::ByteView bytes_to_send();
    void sent(std::size_t size) { outgoing_.drop_first(size); }
    bool has_unsent() const { return !outgoing_.empty() || answers_.size() > held_; }

    // Says close_notify; what bytes_to_send() still shows may be sent.
    void close();

    // Forgets the peer, its keys and what waits, without a word.
    void abandon();

    Phase phase() const { return phase_; }
    // Of the authenticated peer; only in `established`.
    hsm::protocol::Role role() const;
    std::string_view host_name() const;
    // The peer was let in, and may not be here any more.
    bool host_withdrawn() const { return phase_ == Phase::established && host_->withdrawn; }
    // A message has begun and is not complete: a patient loop sets a deadline.
    bool in_message() const { return reader_.in_message(); }

    // For TlsServer's PSK callback.
    void offer_host(const HostIdentity& host) { host_ = &host; }

private:
    // RFC 8446 §5.5: 2^24.5 records under one AES-GCM key. The host renews long before.
    static constexpr std::uint32_t messages_max = 1u << 24;

    void forget();
    static int take_incoming(void* session, unsigned char* into, std::size_t size);
    static int put_outgoing(void* session, const unsigned char* bytes, std::size_t size);
    hsm::Status fail(hsm::Status status);
    hsm::Result<bool> shake_hands();

    mbedtls_ssl_context ssl_;
    Phase phase_ = Phase::closed;
    const HostIdentity* host_ = nullptr;
    std::uint32_t messages_ = 0;
    hsm::protocol::MessageCutter reader_;
    ByteQueue incoming_;
    ByteQueue answers_;  // the last held_ bytes wait
    std::size_t held_ = 0;
    ByteQueue outgoing_;
};

// Buffers of a session that shares none: several records each way, and answers to many small
// requests, or to seven of the largest.
class TlsMemory {
public:
    TlsBuffers buffers() { return {incoming_, message_, answers_, outgoing_}; }

private:
    std::array<hsm::Byte, 16384> incoming_{};
    std::array<hsm::Byte, hsm::protocol::message_buffer_size> message_{};
    std::array<hsm::Byte, 65536> answers_{};
    std::array<hsm::Byte, 8 * tls_record_size_max> outgoing_{};
};

// A session with such buffers, as a Linux module has one for each of its hosts.
class HostSession final : private TlsMemory, public TlsSession {
public:
    explicit HostSession(const TlsServer& server) : TlsSession(server, buffers()) {}
};

}  // namespace firmware::channel
