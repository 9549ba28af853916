#include <gtest/gtest.h>

#include "tests/unit/server/net/test_client.h"
#include "tests/unit/server/net/test_server.h"

// How bodies are read, and whose and which are not.
namespace server::net {
namespace {

TEST(SessionBody, ReadsChunks) {
    TestServer server;
    TestClient client(server.port());

    ASSERT_TRUE(
        client.send("POST /echo HTTP/1.1\r\nHost: api.localhost\r\nTransfer-Encoding: "
                    "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
    const auto answer = client.receive();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "abc");
}

TEST(SessionBody, InvitesAnExpectedBody) {
    TestServer server;
    TestClient client(server.port());
    ASSERT_TRUE(
        client.send("POST /echo HTTP/1.1\r\nHost: api.localhost\r\nContent-Length: "
                    "3\r\nExpect: 100-continue\r\n\r\n"));

    const auto invitation = client.receive();
    ASSERT_TRUE(invitation);
    EXPECT_EQ(invitation->status, 100u);
    ASSERT_TRUE(client.send("abc"));
    const auto answer = client.receive();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "abc");
}

TEST(SessionBody, RefusesAnExpectedBodyThatIsTooLarge) {
    TestServer server;
    TestClient client(server.port());
    ASSERT_TRUE(
        client.send("POST /echo HTTP/1.1\r\nHost: api.localhost\r\nContent-Length: "
                    "100001\r\nExpect: 100-continue\r\n\r\n"));

    const auto answer = client.receive();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 413u);
    EXPECT_TRUE(client.ended());
}

// The client sends all of it before it reads: the answer must survive what was never read.
TEST(SessionBody, RefusesABodyThatIsTooLarge) {
    TestServer server;
    TestClient client(server.port());

    const auto answer = client.request("POST", "/echo", std::string(400'000, 'x'));

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 413u);
    EXPECT_NE(answer->body.find("\"error\":\"invalid_request\""), std::string::npos);
}

// Large bodies have so many bytes for all connections together, small ones go on.
TEST(SessionBody, RefusesALargeBodyWhileOthersHaveTheRoom) {
    TestServer::Options options;
    options.bodies_max = 5 * 1024 * 1024;
    TestServer server(options);
    const std::string body(3 * 1024 * 1024, 'x');
    const auto head = "POST /large HTTP/1.1\r\nHost: api.localhost\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n";
    TestClient first(server.port());
    ASSERT_TRUE(first.send(head));
    // It has its place once the server has read its header: the chunked one expects the most.
    TestClient second(server.port());
    std::optional<Answer> answer;
    ASSERT_TRUE(eventually([&] {
        TestClient probe(server.port());
        answer = probe.request("POST", "/large", body);
        return answer && answer->status == 503;
    }));
    ASSERT_TRUE(
        second.send("POST /large HTTP/1.1\r\nHost: api.localhost\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"));
    answer = second.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503u);
    TestClient small(server.port());
    answer = small.request("POST", "/large", "abc");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200u);

    ASSERT_TRUE(first.send(body));
    answer = first.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200u);
    EXPECT_EQ(answer->body.size(), body.size());
    // Given back when the connection waits for its next request.
    EXPECT_TRUE(eventually([&] {
        TestClient probe(server.port());
        answer = probe.request("POST", "/large", body);
        return answer && answer->status == 200;
    }));
}

TEST(SessionBody, AsksTheGuardBeforeItReadsALargeBody) {
    TestServer server;
    const std::string body(3 * 1024 * 1024, 'x');
    const auto head = "POST /guarded HTTP/1.1\r\nHost: api.localhost\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n";
    TestClient stranger(server.port());
    TestClient known(server.port());

    ASSERT_TRUE(stranger.send(head + "\r\n"));  // and no byte of the body
    const auto refused = stranger.receive();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 401u);
    EXPECT_TRUE(stranger.ended());
    server.context.guard_calls = 0;
    ASSERT_TRUE(known.send(head + "Authorization: Bearer ann\r\nExpect: 100-continue\r\n\r\n"));
    const auto asked_on = known.receive();
    ASSERT_TRUE(asked_on);
    EXPECT_EQ(asked_on->status, 100u);
    ASSERT_TRUE(known.send(body));
    const auto served = known.receive();

    ASSERT_TRUE(served);
    EXPECT_EQ(served->status, 200u);
    EXPECT_EQ(served->body.size(), body.size());
    EXPECT_EQ(server.context.guard_calls, 1);
}

TEST(SessionBody, RefusesAChunkedBodyThatGrowsTooLarge) {
    TestServer server;
    TestClient client(server.port());
    const std::string chunk = "c350\r\n" + std::string(50'000, 'x') + "\r\n";

    ASSERT_TRUE(client.send(
        "POST /echo HTTP/1.1\r\nHost: api.localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk +
        chunk + chunk));
    const auto answer = client.receive();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 413u);
}

TEST(SessionBody, RefusesEndlessChunkExtensions) {
    TestServer server;
    TestClient client(server.port());

    ASSERT_TRUE(client.send(
        "POST /echo HTTP/1.1\r\nHost: api.localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
        std::string(200'000, 'x')));
    const auto answer = client.receive();

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 400u);
}

}  // namespace
}  // namespace server::net
