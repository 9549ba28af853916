#include "server/push/outbound_http.h"

#include <arpa/inet.h>
#include <atomic>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace server::push {
namespace {

using namespace std::chrono_literals;

// Takes one connection after the other on loopback and answers each request with the same bytes,
// or with none at all.
class Peer {
public:
    explicit Peer(std::string answer) : answer_(std::move(answer)) {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        CHECK(::listen(socket_, 16) == 0);
        CHECK(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Peer() {
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        for (const int one : open_) {
            ::close(one);
        }
        ::close(socket_);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    std::string url(const std::string& host = "127.0.0.1") const {
        return "http://" + host + ":" + std::to_string(port_) + "/hook";
    }
    int connections() const { return connections_; }
    std::string request() const { return request_; }

private:
    void serve() {
        while (true) {
            const int one = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
            if (one < 0) {
                return;
            }
            ++connections_;
            open_.push_back(one);
            if (answer_.empty()) {
                continue;
            }
            std::string got;
            char bytes[4096];
            while (got.find("END") == std::string::npos) {
                const auto size = ::recv(one, bytes, sizeof(bytes), 0);
                if (size <= 0) {
                    break;
                }
                got.append(bytes, static_cast<std::size_t>(size));
            }
            request_ = got;
            static_cast<void>(::send(one, answer_.data(), answer_.size(), MSG_NOSIGNAL));
            ::shutdown(one, SHUT_WR);
        }
    }

    const std::string answer_;
    int socket_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0};
    std::string request_;
    std::vector<int> open_;
    std::thread thread_;
};

OutboundRequest request_to(const std::string& url) {
    OutboundRequest request;
    request.url = url;
    request.body = "the body END";
    request.headers = {"Content-Type: application/json"};
    request.plain_http = true;
    request.private_addresses = true;
    return request;
}

TEST(OutboundHttp, PostsAndAnswers) {
    const Peer peer("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
    OutboundHttp http;

    const auto answer = http.call(request_to(peer.url()));

    ASSERT_TRUE(answer.has_value()) << answer.error();
    EXPECT_EQ(answer->status, 201U);
    EXPECT_EQ(answer->body, "ok");
    EXPECT_NE(peer.request().find("POST /hook HTTP/1.1\r\n"), std::string::npos);
    EXPECT_NE(peer.request().find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_EQ(peer.request().find("Expect:"), std::string::npos);
    EXPECT_NE(peer.request().find("\r\n\r\nthe body END"), std::string::npos);
}

TEST(OutboundHttp, DoesNotConnectWhereItMayNotWhateverTheNameIs) {
    const Peer peer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    OutboundHttp http;
    for (const auto* host : {"127.0.0.1", "localhost", "a.localhost", "2130706433", "0"}) {
        auto request = request_to(peer.url(host));
        request.private_addresses = false;

        const auto answer = http.call(std::move(request));

        ASSERT_FALSE(answer.has_value()) << host;
        EXPECT_EQ(answer.error(),
                  "its address is none of the public internet (webhook.private_addresses)")
            << host;
    }
    EXPECT_EQ(peer.connections(), 0);
}

// What one request may is nothing that the next one inherits with its connection.
TEST(OutboundHttp, UsesNoConnectionTwice) {
    const Peer peer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    OutboundHttp http;
    ASSERT_TRUE(http.call(request_to(peer.url())).has_value());
    auto request = request_to(peer.url());
    request.private_addresses = false;

    EXPECT_FALSE(http.call(std::move(request)).has_value());
    EXPECT_EQ(peer.connections(), 1);
}

TEST(OutboundHttp, SpeaksHttpsAloneUnlessToldOtherwise) {
    const Peer peer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    OutboundHttp http;
    auto request = request_to(peer.url());
    request.plain_http = false;

    EXPECT_FALSE(http.call(std::move(request)).has_value());
    EXPECT_EQ(peer.connections(), 0);
}

TEST(OutboundHttp, FollowsNoRedirect) {
    const Peer elsewhere("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const Peer peer("HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url() +
                    "\r\nContent-Length: 0\r\n\r\n");
    OutboundHttp http;

    const auto answer = http.call(request_to(peer.url()));

    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 302U);
    EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(OutboundHttp, UsesNoProxyOfTheEnvironment) {
    const Peer proxy("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const Peer peer("HTTP/1.1 204 No Content\r\n\r\n");
    ::setenv("http_proxy", proxy.url().c_str(), 1);
    ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
    OutboundHttp http;

    const auto answer = http.call(request_to(peer.url()));

    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 204U);
    EXPECT_EQ(proxy.connections(), 0);
}

TEST(OutboundHttp, EndsAtItsDeadline) {
    const Peer silent("");
    OutboundHttp http;
    auto request = request_to(silent.url());
    request.deadline = 200ms;
    const auto began = std::chrono::steady_clock::now();

    const auto answer = http.call(std::move(request));

    ASSERT_FALSE(answer.has_value());
    EXPECT_NE(answer.error().find("timed out"), std::string::npos) << answer.error();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

TEST(OutboundHttp, ReadsNoMoreThanItIsAllowed) {
    const Peer peer("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'));
    OutboundHttp http;
    auto request = request_to(peer.url());
    request.answer_max = 1000;

    const auto answer = http.call(std::move(request));

    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error(), "its answer is too long");
}

TEST(OutboundHttp, AnswersWhatIsUnderWayWhenItStops) {
    const Peer silent("");
    OutboundHttp http;
    std::atomic<int> answered{0};
    for (int i = 0; i < 8; ++i) {
        http.send(request_to(silent.url()),
                  [&](OutboundHttp::Answer answer) { answered += answer.has_value() ? 100 : 1; });
    }
    http.stop();
    const auto late = http.call(request_to(silent.url()));

    EXPECT_FALSE(late.has_value());
    while (answered < 8) {
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(answered, 8);
}

TEST(OutboundHttp, HasManyUnderWayOnOneThread) {
    const Peer silent("");
    const Peer peer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    OutboundHttp http;
    std::atomic<int> answered{0};
    for (int i = 0; i < 64; ++i) {
        http.send(request_to(silent.url()), [&](const OutboundHttp::Answer&) { ++answered; });
    }

    EXPECT_TRUE(http.call(request_to(peer.url())).has_value());
    EXPECT_EQ(answered, 0);
    http.stop();
    while (answered < 64) {
        std::this_thread::sleep_for(1ms);
    }
}

}  // namespace
}  // namespace server::push
