#include "hsm/client/relay_thread.h"

namespace hsm::client {

RelayThread::RelayThread(Line line, std::uint8_t stream, int socket) : relay_(std::move(line)) {
    CHECK(relay_.attach(stream, socket));
    thread_ = std::thread([this, stream] {
        while (relay_.attached(stream) && relay_.turn()) {
        }
        relay_.drain();
    });
}

RelayThread::~RelayThread() {
    thread_.join();
}

}  // namespace hsm::client
