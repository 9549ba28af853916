#include "firmware/app/serial_loop.h"

namespace firmware::app {

void SerialLoop::run() {
    channel_.announce(hal::last_panic());
    for (;;) {
        if (!turn()) {
            board_.link.wait();
        }
    }
}

// False when there is nothing left to do but to wait.
bool SerialLoop::turn() {
    board_.watchdog.feed();
    if (!tamper_seen_ && board_.tamper.tampered()) {
        tamper_seen_ = true;
        (void)module_.tamper();  // ends as `tampered` or, when the flash refuses, as `failed`
    }
    bool busy = channel_.receive();
    for (std::uint8_t stream = 0; stream < hsm::protocol::stream_count; ++stream) {
        busy = answer_one(stream) || busy;
    }
    channel_.watch(board_.clock.tick_ms());
    return busy || module_.work() == Work::more;
}

bool SerialLoop::answer_one(std::uint8_t stream) {
    const auto request = channel_.next_request(stream);
    if (!request) {
        return false;
    }
    auto& session = channel_.session(stream);
    const auto space = session.answer_space();
    const auto answer = module_.handle(*request, session.role(), space);
    auto size = answer.size;
    if (answer.durability == Durability::sync && !module_.sync()) {
        size = Module::replace_held(space.first(size), space);
    }
    session.hold_answer(size);
    session.release_answers();
    channel_.send(stream);
    return true;
}

}  // namespace firmware::app
