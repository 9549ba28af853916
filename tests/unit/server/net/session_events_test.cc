#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/server/net/test_client.h"
#include "tests/unit/server/net/test_server.h"

namespace server::net {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view look = "data: look\n\n";

TestServer::Options with_deadlines(void (*set)(Deadlines&)) {
    TestServer::Options options;
    set(options.deadlines);
    return options;
}

// A client that has been told the first event.
std::unique_ptr<TestClient> open_stream(TestServer& server) {
    auto client = std::make_unique<TestClient>(server.port());
    EXPECT_TRUE(client->send(request_text("GET", "/events")));
    EXPECT_TRUE(client->receive_until(look));
    return client;
}

TEST(SessionEvents, BeginsAtOnce) {
    TestServer server;
    TestClient client(server.port());

    ASSERT_TRUE(client.send(request_text("GET", "/events")));
    const auto head = client.receive_until("\r\n\r\n");
    const auto first = client.receive_until(look);

    ASSERT_TRUE(head);
    EXPECT_TRUE(head->starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_NE(head->find("\r\nContent-Type: text/event-stream\r\n"), std::string::npos);
    EXPECT_NE(head->find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_NE(head->find("\r\nCache-Control: no-store\r\n"), std::string::npos);
    EXPECT_EQ(head->find("Content-Length"), std::string::npos);
    EXPECT_EQ(first, look);
}

TEST(SessionEvents, TellsEachAdvanceOfTheSignal) {
    TestServer server;
    const auto client = open_stream(server);

    for (int i = 0; i < 20; ++i) {
        server.context.signal->notify();
        EXPECT_EQ(client->receive_until(look), look);
    }
}

TEST(SessionEvents, TellsEverybody) {
    TestServer server;
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(open_stream(server));
    }

    server.context.signal->notify();

    for (const auto& client : clients) {
        EXPECT_EQ(client->receive_until(look), look);
    }
}

TEST(SessionEvents, SaysSomethingWhenNothingHappens) {
    TestServer server(with_deadlines([](Deadlines& d) { d.silence = milliseconds(20); }));
    const auto client = open_stream(server);

    const auto quiet = client->receive_until(":\n\n:\n\n");
    server.context.signal->notify();

    EXPECT_TRUE(quiet);
    EXPECT_TRUE(client->receive_until(look));
}

TEST(SessionEvents, EndsWhenItsTimeIsOver) {
    TestServer server;
    server.context.hold_limit = milliseconds(50);
    const auto client = open_stream(server);

    EXPECT_TRUE(client->ended());
    EXPECT_EQ(server.context.streams, 0);
    const auto logged = server.logged(1);
    ASSERT_EQ(logged.size(), 1u);
    EXPECT_EQ(logged.front().path, "/events");
    EXPECT_EQ(logged.front().status, 200u);
}

TEST(SessionEvents, EndsOnceItHasToldTheEndOfTheSignal) {
    TestServer server;
    const auto client = open_stream(server);

    server.context.signal->end();

    EXPECT_EQ(client->receive_until(look), look);
    EXPECT_TRUE(client->ended());
    TestClient late(server.port());
    ASSERT_TRUE(late.send(request_text("GET", "/events")));
    EXPECT_TRUE(late.receive_until(look));
    EXPECT_TRUE(late.ended());
    EXPECT_EQ(server.context.streams, 0);
}

TEST(SessionEvents, EndsWithoutAWordWhenItIsRevoked) {
    TestServer server;
    server.context.revoked = std::make_shared<http::Signal>();
    const auto client = open_stream(server);
    server.context.signal->notify();
    ASSERT_TRUE(client->receive_until(look));

    server.context.revoked->notify();

    EXPECT_TRUE(client->ended());
    EXPECT_EQ(server.context.streams, 0);
    TestClient late(server.port());  // revoked before it began
    ASSERT_TRUE(late.send(request_text("GET", "/events")));
    EXPECT_TRUE(late.receive_until(look));
    EXPECT_TRUE(late.ended());
}

TEST(SessionEvents, LetsGoWhenThePeerLeaves) {
    TestServer server;
    const auto client = open_stream(server);
    ASSERT_EQ(server.context.streams, 1);

    client->disconnect();

    EXPECT_TRUE(eventually([&] { return server.counters().open == 0; }));
    EXPECT_EQ(server.context.streams, 0);
}

TEST(SessionEvents, CutsAPeerThatDoesNotRead) {
    static const std::string huge(1'000'000, 'x');
    TestServer server(with_deadlines([](Deadlines& d) { d.write = milliseconds(100); }));
    server.context.event = huge;
    TestClient client(server.port());
    ASSERT_TRUE(client.send(request_text("GET", "/events")));
    ASSERT_TRUE(client.receive_until("\r\n\r\n"));

    EXPECT_TRUE(eventually([&] {
        server.context.signal->notify();
        return server.counters().open == 0;
    }));
    EXPECT_EQ(server.context.streams, 0);
}

TEST(SessionEvents, IgnoresWhatThePeerStillSends) {
    TestServer server;
    const auto client = open_stream(server);

    ASSERT_TRUE(client->send(request_text("POST", "/echo", "no answer to this")));
    server.context.signal->notify();

    EXPECT_EQ(client->receive_until(look), look);
}

TEST(SessionEvents, HeadHasNoEvents) {
    TestServer server;
    TestClient client(server.port());

    const auto answer = client.request("HEAD", "/events");

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200u);
    EXPECT_TRUE(client.ended());
}

TEST(SessionEvents, StopEndsThem) {
    TestServer server;
    const auto client = open_stream(server);

    server.stop();

    EXPECT_TRUE(client->ended());
    EXPECT_TRUE(eventually([&] { return server.stopped(); }));
    EXPECT_EQ(server.context.streams, 0);
}

TEST(SessionEvents, AreRefusedWhereTheRowDoesNotDeclareThem) {
    TestServer server;
    TestClient client(server.port());

    EXPECT_EQ(client.request("GET", "/undeclared-events")->status, 500u);
    EXPECT_EQ(server.context.streams, 0);
}

}  // namespace
}  // namespace server::net
