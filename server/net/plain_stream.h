#pragma once

#include "server/net/stream.h"

namespace server::net {

// The socket as it is: for the admin socket, where the peer's uid takes the place of TLS.
class PlainStream final : public Stream {
public:
    explicit PlainStream(int fd) : fd_(fd) {}

    Step handshake() override;
    Step read(std::span<char> buffer) override;
    Step write(std::string_view bytes) override;
    void shutdown() override {}
    bool pending() const override { return false; }

private:
    int fd_;
};

}  // namespace server::net
