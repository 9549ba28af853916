#pragma once

#include "firmware/app/module.h"
#include "firmware/channel/serial_channel.h"
#include "firmware/hal/board.h"

namespace firmware::app {

// The module's one thread on a board: what the line brings, one request at a time, each durable
// before its answer leaves.
class SerialLoop {
public:
    // All outlive the loop.
    SerialLoop(Module& module, channel::SerialChannel& channel, hal::Board& board)
        : module_(module), channel_(channel), board_(board) {}

    // For ever. Sleeps when there is nothing to do.
    [[noreturn]] void run();

private:
    bool turn();
    bool answer_one(std::uint8_t stream);

    Module& module_;
    channel::SerialChannel& channel_;
    hal::Board& board_;
    bool tamper_seen_ = false;
};

}  // namespace firmware::app
