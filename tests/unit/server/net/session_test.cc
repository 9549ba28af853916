#include <chrono>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/unit/server/net/test_client.h"
#include "tests/unit/server/net/test_server.h"

namespace server::net {
namespace {

using std::chrono::milliseconds;

TestServer::Options with_deadlines(void (*set)(Deadlines&)) {
    TestServer::Options options;
    set(options.deadlines);
    return options;
}

TEST(Session, KeepsTheConnectionAlive) {
    TestServer server;
    TestClient client(server.port());

    for (int i = 0; i < 20; ++i) {
        const auto answer = client.request("POST", "/echo", "body " + std::to_string(i));

        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200u);
        EXPECT_EQ(answer->body, "body " + std::to_string(i));
    }
    EXPECT_EQ(server.counters().accepted, 1u);
}

TEST(Session, KnowsWhomATrustedProxyHasHeard) {
    TestServer::Options options;
    options.trusted_proxies = {IpNetwork::read("127.0.0.0/8").value()};
    TestServer behind(options);
    TestServer open;
    for (auto* server : {&behind, &open}) {
        TestClient client(server->port());
        ASSERT_TRUE(client.send(
            request_text("GET", "/healthz", {}, "X-Forwarded-For: 192.0.2.1, 203.0.113.9\r\n")));
        ASSERT_TRUE(client.receive());
        ASSERT_TRUE(client.request("GET", "/healthz"));
    }

    const auto heard = behind.logged(2);
    EXPECT_EQ(heard[0].peer, "203.0.113.9");
    EXPECT_EQ(heard[1].peer, "127.0.0.1");
    EXPECT_EQ(open.logged(2)[0].peer, "127.0.0.1");
}

TEST(Session, SaysWhatEveryResponseSays) {
    TestServer server;
    TestClient client(server.port());

    auto answer = client.request("GET", "/healthz");

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->headers["cache-control"], "no-store");
    EXPECT_EQ(answer->headers["x-content-type-options"], "nosniff");
    EXPECT_EQ(answer->headers["content-type"], "application/json");
    EXPECT_FALSE(answer->headers["date"].empty());
    EXPECT_FALSE(answer->headers["x-request-id"].empty());
    EXPECT_FALSE(answer->headers.contains("server"));
}

TEST(Session, AnswersPipelinedRequestsInOrder) {
    TestServer server;
    TestClient client(server.port());
    std::string all;
    for (int i = 0; i < 50; ++i) {
        all += request_text("POST", i % 2 == 0 ? "/echo" : "/echo-inline", std::to_string(i));
    }

    ASSERT_TRUE(client.send(all));

    for (int i = 0; i < 50; ++i) {
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->body, std::to_string(i));
    }
}

TEST(Session, ReadsARequestByteByByte) {
    TestServer server;
    TestClient client(server.port());
    for (const char c : request_text("POST", "/echo", "byte by byte")) {
        ASSERT_TRUE(client.send(std::string_view(&c, 1)));
    }

    const auto answer = client.receive();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "byte by byte");
}

TEST(Session, ReadsAndWritesManyRecords) {
    TestServer server;
    TestClient client(server.port());
    const std::string body(100'000, 'y');

    const auto echoed = client.request("POST", "/echo", body);
    const auto big = client.request("GET", "/big");

    ASSERT_TRUE(echoed);
    EXPECT_EQ(echoed->body, body);
    ASSERT_TRUE(big);
    EXPECT_EQ(big->body.size(), 3'000'000u);
}

TEST(Session, RefusesAHeaderThatIsTooLarge) {
    TestServer server;
    TestClient client(server.port());

    const auto answer =
        client.request("GET", "/healthz", {}, "X: " + std::string(20'000, 'x') + "\r\n");

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 431u);
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_TRUE(client.ended());
}

TEST(Session, AnswersNonsenseOnceAndCloses) {
    TestServer server;
    TestClient client(server.port());

    ASSERT_TRUE(client.send(":nonsense\r\n\r\nGET /healthz HTTP/1.1\r\n"));
    const auto answer = client.receive();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 400u);
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(server.logged(1).at(0).path, "-");
}

TEST(Session, TellsNotFoundFromWrongMethodFromWrongHost) {
    TestServer server;
    TestClient client(server.port());

    const auto missing = client.request("POST", "/nowhere", "{}");
    const auto method = client.request("PUT", "/echo", "{}");
    const auto unheard_of = client.request("BREW", "/echo", "{}");
    ASSERT_TRUE(client.send("GET /echo HTTP/1.1\r\nHost: evil.example\r\n\r\n"));
    const auto host = client.receive();
    const auto afterwards = client.request("POST", "/echo", "still here");

    ASSERT_TRUE(missing && method && unheard_of && host && afterwards);
    EXPECT_EQ(missing->status, 404u);
    EXPECT_EQ(method->status, 405u);
    EXPECT_EQ(method->headers.at("allow"), "POST");
    EXPECT_EQ(unheard_of->status, 405u);
    EXPECT_EQ(host->status, 421u);
    EXPECT_EQ(afterwards->body, "still here");
}

TEST(Session, HeadHasTheHeadersOfGetAndNoBody) {
    TestServer server;
    TestClient client(server.port());

    const auto head = client.request("HEAD", "/healthz");
    const auto get = client.request("GET", "/healthz");

    ASSERT_TRUE(head && get);
    EXPECT_EQ(head->headers.at("content-length"), std::to_string(get->body.size()));
    EXPECT_EQ(get->body, R"({"status":"ok"})");
}

TEST(Session, AsksTheGuardAndPassesItsPrincipal) {
    TestServer server;
    TestClient client(server.port());

    const auto refused = client.request("GET", "/things/7");
    const auto served = client.request("GET", "/things/7", {}, "Authorization: Bearer ann\r\n");

    ASSERT_TRUE(refused && served);
    EXPECT_EQ(refused->status, 401u);
    EXPECT_EQ(refused->headers.at("www-authenticate"), "Bearer");
    EXPECT_EQ(served->body, R"({"id":"7","who":"ann"})");
}

TEST(Session, TurnsAnExceptionIntoA500AndServesOn) {
    TestServer server;
    TestClient client(server.port());

    const auto failed = client.request("GET", "/throws");
    const auto afterwards = client.request("GET", "/healthz");

    ASSERT_TRUE(failed && afterwards);
    EXPECT_EQ(failed->status, 500u);
    EXPECT_EQ(failed->body.find("thrown by a test"), std::string::npos);
    EXPECT_EQ(afterwards->status, 200u);
}

TEST(Session, NeverSendsASplitResponse) {
    TestServer server;
    TestClient client(server.port());

    const auto answer = client.request("GET", "/splits?a");

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500u);
    EXPECT_FALSE(answer->headers.contains("injected"));
}

TEST(Session, ReportsEveryAnswer) {
    TestServer server;
    TestClient client(server.port());
    client.request("GET", "/healthz?secret=1");
    client.request("GET", "/nowhere");

    const auto log = server.logged(2);

    ASSERT_EQ(log.size(), 2u);
    EXPECT_EQ(log[0].path, "/healthz");
    EXPECT_EQ(log[0].status, 200u);
    ASSERT_NE(log[0].route, nullptr);
    EXPECT_EQ(log[0].route->path, "/healthz");
    EXPECT_EQ(log[1].status, 404u);
    EXPECT_EQ(log[1].route, nullptr);
}

TEST(Session, CutsAPeerThatNeverShakesHands) {
    TestServer server(with_deadlines([](Deadlines& d) { d.handshake = milliseconds(50); }));
    TestClient good(server.port());
    ASSERT_TRUE(good.connected());

    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    char byte;

    EXPECT_EQ(::recv(fd, &byte, 1, 0), 0);
    ::close(fd);
}

// A byte now and then does not extend the deadline.
TEST(Session, CutsASlowHeader) {
    TestServer server(with_deadlines([](Deadlines& d) { d.header = milliseconds(200); }));
    TestClient client(server.port());
    const auto started = std::chrono::steady_clock::now();
    for (const char c : std::string_view("GET /healthz HTTP/1.1\r\nX: 0123456789")) {
        if (!client.send(std::string_view(&c, 1))) {
            break;
        }
        std::this_thread::sleep_for(milliseconds(15));
    }

    const auto answer = client.receive();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408u);
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
}

TEST(Session, CutsASlowBody) {
    TestServer server(with_deadlines([](Deadlines& d) { d.body = milliseconds(100); }));
    TestClient client(server.port());

    ASSERT_TRUE(
        client.send("POST /echo HTTP/1.1\r\nHost: api.localhost\r\nContent-Length: 10\r\n\r\nabc"));
    const auto answer = client.receive();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408u);
    EXPECT_TRUE(client.ended());
}

TEST(Session, CutsAnIdleConnectionWithoutAWord) {
    TestServer server(with_deadlines([](Deadlines& d) { d.idle = milliseconds(100); }));
    TestClient client(server.port());

    ASSERT_TRUE(client.request("GET", "/healthz"));

    EXPECT_TRUE(client.ended());
}

TEST(Session, CutsAPeerThatDoesNotRead) {
    TestServer server(with_deadlines([](Deadlines& d) { d.write = milliseconds(100); }));
    TestClient client(server.port());
    std::string many;
    for (int i = 0; i < 10; ++i) {
        many += request_text("GET", "/big");
    }

    ASSERT_TRUE(client.send(many));

    EXPECT_TRUE(eventually([&] { return server.counters().open == 0; }));
}

TEST(Session, SaysBusyWhenThePoolIsFull) {
    TestServer::Options options;
    options.pool_threads = 1;
    options.pool_queue = 1;
    TestServer server(options);
    TestClient running(server.port());
    TestClient queued(server.port());
    TestClient refused(server.port());
    ASSERT_TRUE(running.send(request_text("GET", "/slow")));
    ASSERT_TRUE(eventually([&] { return server.context.in_slow == 1; }));
    ASSERT_TRUE(queued.send(request_text("GET", "/slow")));

    std::optional<Answer> answer;
    ASSERT_TRUE(eventually([&] {
        answer = refused.request("GET", "/slow", {}, "X: y\r\n");
        return true;
    }));
    server.context.release_slow = true;

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503u);
    EXPECT_EQ(answer->headers.at("retry-after"), "1");
    EXPECT_EQ(running.receive()->status, 200u);
    EXPECT_EQ(queued.receive()->status, 200u);
}

TEST(Session, SaysBusyWhenTooManyHandlersHaveParked) {
    TestServer::Options options;
    options.fibers_max = 1;
    TestServer server(options);
    TestClient parked(server.port());
    TestClient refused(server.port());
    ASSERT_TRUE(parked.send(request_text("GET", "/parks")));
    ASSERT_TRUE(eventually([&] { return server.context.parked == 1; }));

    const auto answer = refused.request("GET", "/parks");
    server.context.unpark.count_down();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503u);
    EXPECT_EQ(parked.receive()->body, R"({"parked":true})");
}

TEST(Session, ServesOthersWhileAHandlerIsParked) {
    TestServer server;
    TestClient parked(server.port());
    TestClient other(server.port());
    ASSERT_TRUE(parked.send(request_text("GET", "/parks")));
    ASSERT_TRUE(eventually([&] { return server.context.parked == 1; }));

    const auto answer = other.request("GET", "/things/7", {}, "Authorization: Bearer an\r\n");
    server.context.unpark.count_down();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200u);
    EXPECT_EQ(parked.receive()->status, 200u);
}

TEST(Session, ContinuesOnThePoolWhenTheHandlerAsks) {
    TestServer server;
    TestClient client(server.port());

    EXPECT_EQ(client.request("POST", "/continues", "")->body, "elsewhere");
    EXPECT_EQ(client.request("POST", "/continues", "throw")->status, 500u);
    EXPECT_EQ(client.request("POST", "/continues", "")->body, "elsewhere");
}

TEST(Session, MayBeHeldAfterItContinuedOnThePool) {
    TestServer server;
    TestClient client(server.port());
    ASSERT_TRUE(client.send(request_text("POST", "/continues", "hold")));
    ASSERT_TRUE(eventually([&] { return server.context.held == 1; }));

    server.context.signal->notify();

    EXPECT_EQ(client.receive()->body, "notified");
}

TEST(Session, ResumesAHeldRequestWhenSignalled) {
    TestServer server;
    TestClient client(server.port());
    ASSERT_TRUE(client.send(request_text("POST", "/held", "{}")));
    ASSERT_TRUE(eventually([&] { return server.context.held == 1; }));

    server.context.signal->notify();
    const auto answer = client.receive();
    const auto afterwards = client.request("GET", "/healthz");

    ASSERT_TRUE(answer && afterwards);
    EXPECT_EQ(answer->body, "notified");
    EXPECT_EQ(afterwards->status, 200u);
}

TEST(Session, ManyHeldRequestsOccupyNoThread) {
    TestServer::Options options;
    options.pool_threads = 1;
    TestServer server(options);
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(std::make_unique<TestClient>(server.port()));
        ASSERT_TRUE(clients.back()->send(request_text("POST", "/held", "{}")));
    }
    ASSERT_TRUE(eventually([&] { return server.context.held == 50; }));

    TestClient other(server.port());
    EXPECT_EQ(other.request("POST", "/echo", "served")->body, "served");
    server.context.signal->notify();

    for (const auto& client : clients) {
        EXPECT_EQ(client->receive()->body, "notified");
    }
}

TEST(Session, HoldsAgainWhenTheHandlerAsks) {
    TestServer server;
    TestClient client(server.port());
    ASSERT_TRUE(client.send(request_text("POST", "/held-twice", "{}")));
    ASSERT_TRUE(eventually([&] { return server.context.held == 1; }));
    server.context.signal->notify();
    ASSERT_TRUE(eventually([&] { return server.context.held == 2; }));
    server.context.signal->notify();

    EXPECT_EQ(client.receive()->body, "notified");
}

TEST(Session, ResumesAHeldRequestAtItsDeadline) {
    TestServer server;
    server.context.hold_limit = milliseconds(100);
    TestClient client(server.port());

    const auto answer = client.request("POST", "/held", "{}");

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "deadline");
}

TEST(Session, DropsAHeldRequestWhenThePeerLeaves) {
    TestServer server;
    TestClient client(server.port());
    ASSERT_TRUE(client.send(request_text("POST", "/held", "{}")));
    ASSERT_TRUE(eventually([&] { return server.context.held == 1; }));

    client.disconnect();

    EXPECT_TRUE(eventually([&] { return server.counters().open == 0; }));
    EXPECT_EQ(server.context.resumed, 0);
}

TEST(Session, KeepsWhatIsPipelinedBehindAHeldRequest) {
    TestServer server;
    TestClient client(server.port());
    ASSERT_TRUE(client.send(request_text("POST", "/held", "{}")));
    ASSERT_TRUE(eventually([&] { return server.context.held == 1; }));
    ASSERT_TRUE(client.send(request_text("POST", "/echo", "next")));

    server.context.signal->notify();

    EXPECT_EQ(client.receive()->body, "notified");
    EXPECT_EQ(client.receive()->body, "next");
}

TEST(Session, RefusesAHoldThatTheRowDoesNotDeclare) {
    TestServer server;
    TestClient client(server.port());

    EXPECT_EQ(client.request("GET", "/undeclared-hold")->status, 500u);
}

TEST(Session, StopAnswersWhatIsInFlightAndClosesTheRest) {
    TestServer server;
    TestClient idle(server.port());
    TestClient slow(server.port());
    TestClient held(server.port());
    ASSERT_TRUE(idle.request("GET", "/healthz"));
    ASSERT_TRUE(slow.send(request_text("GET", "/slow")));
    ASSERT_TRUE(held.send(request_text("POST", "/held", "{}")));
    ASSERT_TRUE(
        eventually([&] { return server.context.in_slow == 1 && server.context.held == 1; }));

    server.stop();

    EXPECT_TRUE(idle.ended());
    EXPECT_EQ(held.receive()->body, "stopping");
    EXPECT_FALSE(TestClient(server.port()).connected());
    EXPECT_FALSE(server.stopped());
    server.context.release_slow = true;
    const auto answer = slow.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200u);
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_TRUE(slow.ended());
    EXPECT_TRUE(eventually([&] { return server.stopped(); }));
}

TEST(Session, StopEndsWhoHasNotFinishedAsking) {
    TestServer server(with_deadlines([](Deadlines& d) { d.drain = std::chrono::minutes(1); }));
    TestClient half(server.port());
    ASSERT_TRUE(half.request("GET", "/healthz"));
    ASSERT_TRUE(half.send("GET /healthz HTT"));
    ASSERT_TRUE(eventually([&] { return server.counters().open == 1; }));

    server.stop();

    EXPECT_TRUE(eventually([&] { return server.stopped(); }));
}

TEST(Session, StopIsBounded) {
    TestServer server(with_deadlines([](Deadlines& d) { d.drain = milliseconds(100); }));
    TestClient slow(server.port());
    ASSERT_TRUE(slow.send(request_text("GET", "/slow")));
    ASSERT_TRUE(eventually([&] { return server.context.in_slow == 1; }));

    server.stop();

    EXPECT_TRUE(eventually([&] { return server.stopped(); }));
    EXPECT_EQ(server.context.in_slow, 1);
}

}  // namespace
}  // namespace server::net
