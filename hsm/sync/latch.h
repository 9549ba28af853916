#pragma once

#include <atomic>
#include <cstddef>

#include "hsm/sync/parker.h"

namespace hsm::sync {

// A gate that opens once, when it has been counted down as often as was said. One caller waits for
// it, thread or fiber; what the others wrote before they counted down is visible to it then.
//
// It may live on the waiting caller's stack: once wait() can return, nobody touches it any more.
class Latch {
public:
    explicit Latch(std::size_t count = 1);
    Latch(const Latch&) = delete;
    Latch& operator=(const Latch&) = delete;

    // Any thread, exactly `count` times.
    void count_down();

    // One caller. Has no deadline of its own: whoever promises to count down keeps one.
    void wait();

private:
    void open();

    std::atomic<std::size_t> left_;
    // Null, the one who waits, or this latch itself once it is open.
    std::atomic<void*> waiter_;
};

}  // namespace hsm::sync
