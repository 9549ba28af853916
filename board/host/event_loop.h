#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "board/host/connection.h"
#include "board/host/listener.h"
#include "firmware/app/module.h"

namespace board::host {

// The module's one thread: gathers every request that is ready, lets the module answer them, makes
// its log durable once for all of them, and only then lets the answers leave (ARCHITECTURE §4.5).
class EventLoop {
public:
    // All outlive the loop. `signals` is what open_signals() gave; `read_hosts` is called at
    // SIGHUP, and those that it withdraws are let go.
    EventLoop(firmware::app::Module& module,
              const firmware::channel::TlsServer& server,
              firmware::hal::Clock& clock,
              const Listener& listener,
              int signals,
              std::function<void()> read_hosts);

    // Until SIGTERM: then answers what it has, says goodbye to every host, and returns.
    void run();

private:
    static constexpr std::size_t connections_max = 8;
    // What shares one fdatasync. More would make the first of them wait too long.
    static constexpr std::size_t requests_per_turn_max = 64;

    // False when there is to be no further turn.
    bool wait();
    bool take_signal();
    int timeout_ms() const;
    void accept_all();
    void answer_all();
    bool answer_one(Connection& connection);
    void make_durable();
    void close_broken();

    firmware::app::Module& module_;
    const firmware::channel::TlsServer& server_;
    firmware::hal::Clock& clock_;
    const Listener& listener_;
    const int signals_;
    const std::function<void()> read_hosts_;

    std::vector<std::unique_ptr<Connection>> idle_;  // sessions keep their TLS buffers
    std::vector<std::unique_ptr<Connection>> open_;
    std::size_t first_ = 0;  // who is asked first: another one each turn
    bool needs_sync_ = false;
    firmware::app::Work work_ = firmware::app::Work::none;
};

}  // namespace board::host
