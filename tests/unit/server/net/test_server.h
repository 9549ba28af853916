#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "hsm/sync/latch.h"
#include "server/http/router.h"
#include "server/net/listener.h"

namespace server::api {

// What the test's handlers share.
struct Context {
    std::shared_ptr<http::Signal> signal = std::make_shared<http::Signal>();
    std::shared_ptr<http::Signal> revoked;  // of the stream; none: it cannot be
    std::atomic<int> held = 0;
    std::atomic<int> resumed = 0;
    std::atomic<int> in_slow = 0;
    std::atomic<bool> release_slow = false;
    std::atomic<int> parked = 0;
    hsm::sync::Latch unpark;  // for one
    std::chrono::milliseconds hold_limit{10'000};
    std::atomic<int> streams = 0;  // open
    std::atomic<int> guard_calls = 0;
    std::string_view event = "data: look\n\n";
};

struct Principal {
    std::string name;
};

}  // namespace server::api

namespace server::net {

// A folder of its own on tmpfs where there is one, removed at the end.
class TestFolder {
public:
    TestFolder();
    ~TestFolder();
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    std::string path(std::string_view name) const { return root_ + '/' + std::string(name); }

private:
    std::string root_;
};

// Writes a fresh self-signed P-256 certificate for `common_name` and its key, as PEM.
void write_certificate(const std::string& certificate_path,
                       const std::string& key_path,
                       const std::string& common_name);

struct Logged {
    std::string path;
    unsigned status;
    const http::Route* route;
    std::string peer;
};

// The whole shell on a real loopback port, its I/O on a thread of its own.
class TestServer {
public:
    struct Options {
        Deadlines deadlines{};
        std::size_t fibers_max = 1000;
        std::size_t pool_threads = 2;
        std::size_t pool_queue = 1000;
        std::size_t connections_max = 1000;
        std::size_t bodies_max = 64 * 1024 * 1024;
        TrustedProxies trusted_proxies{};
    };

    explicit TestServer(const Options& options);
    TestServer() : TestServer(Options()) {}
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    std::uint16_t port() const { return tcp_->port(); }
    std::string local_path() const { return folder_.path("admin.sock"); }
    std::string certificate_path() const { return folder_.path("server.pem"); }
    std::string key_path() const { return folder_.path("server.key"); }

    // Runs `work` on the I/O thread and waits for it.
    void on_io(const std::function<void()>& work);

    // Begins to stop both listeners; stopped() says when they have.
    void stop();
    bool stopped() const { return stopped_.load() == 2; }

    // The records so far. Waits until there are `count` at least.
    std::vector<Logged> logged(std::size_t count);

    Listener::Counters counters();

    api::Context context;
    std::unique_ptr<TlsContext> tls;

private:
    TestFolder folder_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<Executor> work_;
    Fibers fibers_;
    BlockingPool pool_;
    BodyRoom bodies_;
    http::Router router_;
    Service service_;
    std::vector<Logged> log_;  // I/O thread
    std::unique_ptr<Listener> tcp_;
    std::unique_ptr<Listener> local_;
    std::atomic<int> stopped_ = 0;
    std::thread thread_;
};

// Polls, up to ten seconds.
bool eventually(const std::function<bool()>& condition);

}  // namespace server::net
