#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "firmware/channel/tls_session.h"

namespace tests {

// A stock OpenSSL client on memory, joined to a TlsSession by copying bytes: what a host may be,
// also a host that breaks the rules.
class OpensslPeer {
public:
    struct Options {
        std::string identity = "kyso-server";
        std::vector<hsm::Byte> secret = std::vector<hsm::Byte>(32, 7);
        int version_max = TLS1_3_VERSION;
        long record_size_max = 2048;
        std::string groups = "P-256";
        std::string ciphersuites = "TLS_AES_128_GCM_SHA256";
        bool offers_psk = true;
        bool without_ephemeral = false;
    };

    explicit OpensslPeer(Options options);

    // Carries bytes both ways until neither end moves; the messages that the module got.
    void exchange(firmware::channel::TlsSession& session);

    bool established() const { return ::SSL_is_init_finished(ssl_.get()) == 1; }
    void write(hsm::ByteView bytes);
    void write_message(hsm::ByteView message);
    std::vector<hsm::Byte> read();
    void close() { ::SSL_shutdown(ssl_.get()); }

    // The raw wire: what the client has to send, and what it is given.
    std::vector<hsm::Byte> take_wire();
    void give_wire(hsm::ByteView bytes);

    std::vector<std::vector<hsm::Byte>> messages;  // as the module saw them
    std::vector<hsm::Status> failures;             // of the session
    bool echoes = true;                            // the module answers each message with itself

    const Options& options() const { return options_; }

private:
    struct Deleter {
        void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
        void operator()(SSL* ssl) const { ::SSL_free(ssl); }
    };
    void take_messages(firmware::channel::TlsSession& session);

    Options options_;
    std::unique_ptr<SSL_CTX, Deleter> context_;
    std::unique_ptr<SSL, Deleter> ssl_;
    BIO* incoming_ = nullptr;
    BIO* outgoing_ = nullptr;
};

// Copies as much as fits; false when the session takes no more at present.
bool deliver(firmware::channel::TlsSession& session, hsm::ByteView bytes);

}  // namespace tests
