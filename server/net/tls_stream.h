#pragma once

#include <memory>

#include <openssl/ssl.h>

#include "server/net/stream.h"

namespace server::net {

// The server's end of TLS on a socket, through SSL_set_fd: OpenSSL reads and writes the socket
// itself, so that an idle connection holds no buffer of ours and none of OpenSSL's.
class TlsStream final : public Stream {
public:
    // OpenSSL writes with write(2): the process ignores SIGPIPE.
    TlsStream(SSL_CTX* context, int fd);

    Step handshake() override;
    Step read(std::span<char> buffer) override;
    Step write(std::string_view bytes) override;
    void shutdown() override;
    bool pending() const override;
    std::optional<hsm::Digest> peer_certificate() const override;

private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    Step step_of(int result, std::size_t bytes);

    std::unique_ptr<SSL, Free> ssl_;
    bool broken_ = false;  // after a fatal error OpenSSL forbids further calls, shutdown too
};

}  // namespace server::net
