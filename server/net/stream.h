#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "hsm/base/bytes.h"

namespace server::net {

// What one attempt on a non-blocking stream came to.
struct Step {
    enum class Kind : std::uint8_t {
        done,
        want_read,   // try again when the socket is readable
        want_write,  // try again when the socket is writable
        closed,      // the peer has ended the stream
        failed,
    };

    Kind kind = Kind::failed;
    std::size_t bytes = 0;  // moved, when done
};

// A byte stream over a connected non-blocking socket that its session owns. It never waits: the
// session waits on the socket, so that one place holds every deadline.
class Stream {
public:
    virtual ~Stream() = default;

    virtual Step handshake() = 0;
    virtual Step read(std::span<char> buffer) = 0;
    virtual Step write(std::string_view bytes) = 0;

    // Says good-bye, once, without waiting for the peer's.
    virtual void shutdown() = 0;

    // True when a read can bring bytes that the socket no longer shows as readable.
    virtual bool pending() const = 0;

    // SHA-256 of the certificate whose key the peer has proved to hold; none when it showed none.
    virtual std::optional<hsm::Digest> peer_certificate() const { return std::nullopt; }
};

}  // namespace server::net
