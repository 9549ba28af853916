#pragma once

#include "hsm/base/bytes.h"

namespace firmware::hal {

// The byte line to the host, mostly a UART: both ways, no beginning and no end, bytes may be lost
// or changed. What comes is put into a ring by an interrupt, also while the module computes.
class Link {
public:
    // Bytes that the ring holds at least: both streams' frames under way, and what a host sends
    // before its HELLO (hsm/protocol/frame.h). When it is full, further bytes wait on the line or
    // are lost; the frames' checksum tells.
    static constexpr std::size_t ring_size_min = 4096;

    // Takes the oldest bytes out of the ring and answers how many; 0 when there are none.
    virtual std::size_t receive(hsm::MutableBytes into) = 0;

    // Returns when the last byte has been given to the line. Never waits for the host.
    virtual void send(hsm::ByteView bytes) = 0;

    // Sleeps until the ring holds a byte or any interrupt has come; a second at most.
    virtual void wait() = 0;

protected:
    ~Link() = default;
};

}  // namespace firmware::hal
