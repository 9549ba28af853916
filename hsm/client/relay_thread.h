#pragma once

#include <thread>

#include "hsm/client/line_relay.h"

namespace hsm::client {

// A relay of one stream on a thread of its own, until its socket's other end is closed or the line
// is gone. Joined with its object.
class RelayThread {
public:
    RelayThread(Line line, std::uint8_t stream, int socket);
    RelayThread(const RelayThread&) = delete;
    RelayThread& operator=(const RelayThread&) = delete;
    ~RelayThread();

private:
    LineRelay relay_;
    std::thread thread_;
};

}  // namespace hsm::client
