#include "server/net/listener.h"

#include <fstream>
#include <future>
#include <memory>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/server/net/test_client.h"
#include "tests/unit/server/net/test_server.h"

namespace server::net {
namespace {

// What a server that was killed leaves: a socket file that nobody accepts on.
void leave_dead_socket(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ::close(fd);
}

TEST(Listener, SpeaksTls12And13Only) {
    TestServer server;

    TestClient newest(server.port());
    TestClient tls_1_2(server.port(), TLS1_2_VERSION);
    TestClient tls_1_1(server.port(), TLS1_1_VERSION);

    ASSERT_TRUE(newest.connected());
    EXPECT_EQ(newest.tls_version(), "TLSv1.3");
    ASSERT_TRUE(tls_1_2.connected());
    EXPECT_EQ(tls_1_2.tls_version(), "TLSv1.2");
    EXPECT_EQ(tls_1_2.request("POST", "/echo", "old")->body, "old");
    EXPECT_FALSE(tls_1_1.connected());
}

TEST(Listener, ServesManyConnectionsAtOnce) {
    TestServer server;
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<TestClient>(server.port()));
        ASSERT_TRUE(clients.back()->connected());
    }
    EXPECT_EQ(server.counters().open, 200u);

    for (int round = 0; round < 3; ++round) {
        for (const auto& client : clients) {
            ASSERT_TRUE(client->send(request_text("POST", "/echo", "all at once")));
        }
        for (const auto& client : clients) {
            const auto answer = client->receive();
            ASSERT_TRUE(answer);
            EXPECT_EQ(answer->body, "all at once");
        }
    }
    clients.clear();
    EXPECT_TRUE(eventually([&] { return server.counters().open == 0; }));
}

TEST(Listener, QueuesConnectionsBeyondItsLimit) {
    TestServer::Options options;
    options.connections_max = 2;
    TestServer server(options);
    auto first = std::make_unique<TestClient>(server.port());
    TestClient second(server.port());
    ASSERT_TRUE(first->connected() && second.connected());
    std::optional<Answer> answer;
    std::thread waiting([&] {
        TestClient third(server.port());
        answer = third.request("GET", "/healthz");
    });
    EXPECT_EQ(server.counters().accepted, 2u);

    first.reset();
    waiting.join();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200u);
}

TEST(Listener, SurvivesRunningOutOfDescriptors) {
    TestServer server;
    TestClient early(server.port());
    ASSERT_TRUE(early.request("GET", "/healthz"));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    std::optional<Answer> answer;
    std::promise<void> tight_now;
    std::thread late([&] {
        tight_now.get_future().wait();
        TestClient client(server.port());
        answer = client.request("GET", "/healthz");
    });
    // One descriptor is left for the client's end, none for the server's.
    const int next = ::dup(0);
    ::close(next);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(next) + 1;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);

    tight_now.set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const auto served = early.request("GET", "/healthz");
    EXPECT_EQ(server.counters().accepted, 1u);
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    late.join();

    ASSERT_TRUE(served && answer);
    EXPECT_EQ(served->status, 200u);
    EXPECT_EQ(answer->status, 200u);
}

TEST(Listener, ReloadsItsCertificate) {
    TestServer server;
    TestClient before(server.port());
    EXPECT_EQ(before.certificate_name(), "first");

    write_certificate(server.certificate_path(), server.key_path(), "second");
    server.on_io(
        [&] { EXPECT_TRUE(server.tls->reload(server.certificate_path(), server.key_path())); });
    TestClient after(server.port());

    EXPECT_EQ(after.certificate_name(), "second");
    EXPECT_EQ(before.request("GET", "/healthz")->status, 200u);
}

TEST(Listener, KeepsItsCertificateWhenTheNewOneIsBroken) {
    TestServer server;
    std::ofstream(server.certificate_path()) << "nonsense";

    server.on_io([&] {
        const auto reloaded = server.tls->reload(server.certificate_path(), server.key_path());
        ASSERT_FALSE(reloaded);
        EXPECT_NE(reloaded.error().find("server.pem"), std::string::npos);
    });

    EXPECT_TRUE(TestClient(server.port()).connected());
}

TEST(TlsContext, NamesTheFileThatIsWrong) {
    const TestFolder folder;
    const std::string certificate = folder.path("a.pem");
    const std::string key = folder.path("a.key");
    const auto missing = TlsContext::load(certificate, key);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().find(certificate), std::string::npos);
    EXPECT_NE(missing.error().find("No such file"), std::string::npos) << missing.error();

    write_certificate(certificate, key, "a");
    write_certificate(folder.path("b.pem"), key, "b");
    const auto mismatched = TlsContext::load(certificate, key);

    ASSERT_FALSE(mismatched);
    EXPECT_NE(mismatched.error().find(key), std::string::npos);
}

TEST(Listener, SaysThatThePortIsTaken) {
    TestServer server;
    boost::asio::io_context io;
    BlockingPool pool(1, 1);
    Fibers fibers(io.get_executor(), 1);
    const http::Router router({}, {});
    BodyRoom bodies(0);
    const Service service{router, server.context, nullptr, fibers, pool, pool, bodies, {}, {}};
    Listener::Tcp where;
    where.port = server.port();

    const auto taken = Listener::open_tcp(io, where, *server.tls, service);
    where.addresses = {"nonsense"};
    const auto nonsense = Listener::open_tcp(io, where, *server.tls, service);

    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error(),
              "cannot listen on 127.0.0.1 port " + std::to_string(server.port()) +
                  ": Address already in use");
    ASSERT_FALSE(nonsense);
    EXPECT_EQ(nonsense.error(), "nonsense: not an IP address");
}

TEST(Listener, SpeaksPlainHttpOnTheAdminSocket) {
    TestServer server;
    TestClient local(server.local_path());
    TestClient remote(server.port());

    const auto answer = local.request("GET", "/local");
    const auto over_tls = remote.request("GET", "/local");

    ASSERT_TRUE(answer && over_tls);
    EXPECT_EQ(answer->status, 200u);
    EXPECT_EQ(over_tls->status, 404u);
    // Host::admin whatever Host says: rows of other classes are not there.
    EXPECT_EQ(local.request("POST", "/echo", "x")->status, 404u);
    struct stat status {};
    ASSERT_EQ(::stat(server.local_path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(Listener, AdmitsItsOwnUserAndRoot) {
    EXPECT_TRUE(admin_peer_allowed(1000, 1000));
    EXPECT_TRUE(admin_peer_allowed(0, 1000));
    EXPECT_FALSE(admin_peer_allowed(1001, 1000));
    EXPECT_FALSE(admin_peer_allowed(1001, 0));
}

// As root: a child that has become somebody else. The file mode alone would refuse it, so the test
// opens that up; the check of the uid must stand by itself.
TEST(Listener, RefusesAnotherUserOnTheAdminSocket) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can become another user";
    }
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    // Before the server's threads are there: a copy of a process with threads may not allocate.
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(told[1]);
        std::string path(sizeof(sockaddr_un::sun_path), '\0');
        const auto size = ::read(told[0], path.data(), path.size());
        if (size <= 0 || ::setuid(65534) != 0) {
            ::_exit(3);
        }
        path.resize(static_cast<std::size_t>(size));
        TestClient client(path);
        if (!client.connected()) {
            ::_exit(2);
        }
        ::_exit(client.request("GET", "/local") ? 1 : 0);
    }
    ::close(told[0]);
    TestServer server;
    const std::string path = server.local_path();
    EXPECT_EQ(::chmod(path.substr(0, path.rfind('/')).c_str(), 0755), 0);
    EXPECT_EQ(::chmod(path.c_str(), 0666), 0);
    EXPECT_EQ(::write(told[1], path.data(), path.size()), static_cast<ssize_t>(path.size()));
    ::close(told[1]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);

    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Listener, ReplacesADeadSocketAndRespectsALiveOne) {
    TestServer server;
    boost::asio::io_context io;
    BlockingPool pool(1, 1);
    Fibers fibers(io.get_executor(), 1);
    const http::Router router({}, {});
    BodyRoom bodies(0);
    const Service service{router, server.context, nullptr, fibers, pool, pool, bodies, {}, {}};

    const auto live = Listener::open_local(io, {server.local_path(), ::geteuid()}, service);
    ASSERT_FALSE(live);
    EXPECT_NE(live.error().find("another server is listening"), std::string::npos);

    const TestFolder folder;
    leave_dead_socket(folder.path("stale.sock"));
    EXPECT_TRUE(Listener::open_local(io, {folder.path("stale.sock"), ::geteuid()}, service));
    std::ofstream(folder.path("precious")) << "not a socket";
    EXPECT_FALSE(Listener::open_local(io, {folder.path("precious"), ::geteuid()}, service));
    EXPECT_EQ(::access(folder.path("precious").c_str(), F_OK), 0);
    const std::string far = folder.path(std::string(120, 'x'));
    EXPECT_FALSE(Listener::open_local(io, {far, ::geteuid()}, service));
}

}  // namespace
}  // namespace server::net
