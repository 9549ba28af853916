#include "tests/unit/firmware/channel/openssl_peer.h"

#include <gtest/gtest.h>

namespace tests {

using firmware::channel::TlsSession;
using hsm::Byte;
using hsm::ByteView;

namespace {

int use_psk(SSL* ssl,
            const EVP_MD*,
            const unsigned char** identity,
            std::size_t* identity_size,
            SSL_SESSION** session) {
    const auto& options = static_cast<const OpensslPeer*>(::SSL_get_ex_data(ssl, 0))->options();
    *session = nullptr;
    if (!options.offers_psk) {
        return 1;
    }
    constexpr unsigned char aes_128_gcm_sha256[] = {0x13, 0x01};
    *session = ::SSL_SESSION_new();
    ::SSL_SESSION_set1_master_key(*session, options.secret.data(), options.secret.size());
    ::SSL_SESSION_set_cipher(*session, ::SSL_CIPHER_find(ssl, aes_128_gcm_sha256));
    ::SSL_SESSION_set_protocol_version(*session, TLS1_3_VERSION);
    *identity = reinterpret_cast<const unsigned char*>(options.identity.data());
    *identity_size = options.identity.size();
    return 1;
}

}  // namespace

OpensslPeer::OpensslPeer(Options options)
    : options_(std::move(options)), context_(::SSL_CTX_new(TLS_client_method())) {
    ::SSL_CTX_set_max_proto_version(context_.get(), options_.version_max);
    ::SSL_CTX_set_ciphersuites(context_.get(), options_.ciphersuites.c_str());
    ::SSL_CTX_set1_groups_list(context_.get(), options_.groups.c_str());
    ::SSL_CTX_set_max_send_fragment(context_.get(), options_.record_size_max);
    ::SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
    ::SSL_CTX_set_psk_use_session_callback(context_.get(), use_psk);
    if (options_.without_ephemeral) {
        ::SSL_CTX_set_options(context_.get(), SSL_OP_ALLOW_NO_DHE_KEX);
    }
    ssl_.reset(::SSL_new(context_.get()));
    incoming_ = ::BIO_new(::BIO_s_mem());
    outgoing_ = ::BIO_new(::BIO_s_mem());
    ::BIO_set_mem_eof_return(incoming_, -1);
    ::SSL_set_bio(ssl_.get(), incoming_, outgoing_);
    ::SSL_set_ex_data(ssl_.get(), 0, this);
    ::SSL_set_connect_state(ssl_.get());
    ::SSL_do_handshake(ssl_.get());
}

void OpensslPeer::write(ByteView bytes) {
    std::size_t written = 0;
    ASSERT_EQ(1, ::SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written));
    ASSERT_EQ(bytes.size(), written);
}

void OpensslPeer::write_message(ByteView message) {
    std::vector<Byte> stream{static_cast<Byte>(message.size() >> 8),
                             static_cast<Byte>(message.size())};
    stream.insert(stream.end(), message.begin(), message.end());
    write(stream);
}

std::vector<Byte> OpensslPeer::read() {
    std::vector<Byte> all;
    std::array<Byte, 4096> chunk;
    std::size_t size = 0;
    while (::SSL_read_ex(ssl_.get(), chunk.data(), chunk.size(), &size) == 1) {
        all.insert(all.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(size));
    }
    return all;
}

std::vector<Byte> OpensslPeer::take_wire() {
    std::vector<Byte> bytes(::BIO_ctrl_pending(outgoing_));
    if (!bytes.empty()) {
        ::BIO_read(outgoing_, bytes.data(), static_cast<int>(bytes.size()));
    }
    return bytes;
}

void OpensslPeer::give_wire(ByteView bytes) {
    if (!bytes.empty()) {
        ::BIO_write(incoming_, bytes.data(), static_cast<int>(bytes.size()));
    }
    if (!established()) {
        ::SSL_do_handshake(ssl_.get());
    }
}

bool deliver(TlsSession& session, ByteView bytes) {
    const auto space = session.receive_space();
    if (space.size() < bytes.size()) {
        return false;
    }
    std::ranges::copy(bytes, space.begin());
    session.received(bytes.size());
    return true;
}

void OpensslPeer::take_messages(TlsSession& session) {
    for (;;) {
        if (!echoes) {
            if (session.phase() == TlsSession::Phase::established) {
                return;
            }
        } else if (session.phase() == TlsSession::Phase::established &&
                   session.answer_space_full()) {
            return;
        }
        auto message = session.next_message();
        if (!message) {
            failures.push_back(message.error());
            return;
        }
        if (!*message) {
            return;
        }
        messages.emplace_back((*message)->begin(), (*message)->end());
        std::ranges::copy(**message, session.answer_space().begin());
        session.hold_answer((*message)->size());
        session.release_answers();
    }
}

void OpensslPeer::exchange(TlsSession& session) {
    std::vector<Byte> to_module;
    for (;;) {
        const auto wire = take_wire();
        to_module.insert(to_module.end(), wire.begin(), wire.end());
        const auto part = std::min(to_module.size(), session.receive_space().size());
        bool moved = part != 0;
        if (part != 0) {
            ASSERT_TRUE(deliver(session, ByteView(to_module).first(part)));
            to_module.erase(to_module.begin(),
                            to_module.begin() + static_cast<std::ptrdiff_t>(part));
        }
        const auto before = messages.size();
        take_messages(session);
        moved = moved || messages.size() != before;
        const auto out = session.bytes_to_send();
        if (!out.empty()) {
            give_wire(out);
            session.sent(out.size());
            moved = true;
        }
        if (!moved) {
            return;
        }
    }
}

}  // namespace tests
