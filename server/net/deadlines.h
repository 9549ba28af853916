#pragma once

#include <chrono>

namespace server::net {

// The longest that each wait for a peer may last. All but `write` are for the whole of what they
// name, so that a byte now and then buys a slow peer nothing.
struct Deadlines {
    std::chrono::milliseconds handshake{10'000};
    std::chrono::milliseconds header{15'000};   // from its first byte, or from the handshake
    std::chrono::milliseconds body{30'000};     // from the end of the header
    std::chrono::milliseconds write{30'000};    // without any progress
    std::chrono::milliseconds idle{75'000};     // between two requests
    std::chrono::milliseconds silence{25'000};  // of an event stream: then a comment is sent
    std::chrono::milliseconds linger{2'000};    // for a peer still sending what we will not read
    std::chrono::milliseconds drain{10'000};    // for requests in flight when the server stops
};

}  // namespace server::net
