#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "server/net/executor.h"

namespace server::net {

// Runs handlers on the I/O thread, each on a stack of its own. One that must wait, for a commit or
// for a module, parks (hsm/sync): the thread goes on with the others and comes back to it, where
// a thread of its own would cost two wake-ups at every wait. Whoever computes for long belongs on
// the blocking pool instead.
//
// Everything here on the I/O thread, but Parker::unpark(). No mutex may be held while parking: the
// next handler to want it is on the same thread. Nor may a catch block park: which exceptions are
// being handled is the thread's knowledge.
class Fibers {
public:
    Fibers(Executor executor, std::size_t running_max);
    Fibers(const Fibers&) = delete;
    Fibers& operator=(const Fibers&) = delete;
    // None is running: see running().
    ~Fibers();

    // Runs `work` at once, until it ends or parks. False, with nothing done, when `running_max`
    // have not ended yet. Work that throws is logged; it reports by its own means.
    [[nodiscard]] bool start(std::function<void()> work);

    // How many have not ended. They end by themselves, as whatever they wait for has a deadline.
    std::size_t running() const { return running_; }

private:
    class Fiber;

    void run(Fiber& fiber);
    void wake(std::shared_ptr<Fiber> fiber);
    void run_woken();

    const Executor executor_;
    const std::size_t running_max_;
    std::size_t running_ = 0;
    std::vector<std::shared_ptr<Fiber>> idle_;  // with their stacks, for the next

    // What other threads have woken since the I/O thread last looked. A commit wakes several at
    // once, and each interruption of the I/O thread is a system call.
    std::mutex woken_mutex_;
    std::vector<std::shared_ptr<Fiber>> woken_;
    std::vector<std::shared_ptr<Fiber>> being_run_;
};

}  // namespace server::net
