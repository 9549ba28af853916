#include "server/net/request_parser.h"

#include <string>

#include <gtest/gtest.h>

namespace server::net {
namespace {

using State = RequestParser::State;
using http::Method;

constexpr std::size_t header_max = 1024;

struct Parsed {
    http::Request request;
    RequestParser parser{request, header_max};
    std::size_t used = 0;

    // Feeds `text` in pieces, as a session would: what is not consumed comes again, with more.
    Parsed(std::string_view text, std::size_t piece, std::size_t body_max = 1024) {
        std::string pending;
        bool body_begun = false;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            pending += text.substr(at, piece);
            for (;;) {
                const std::size_t step = parser.put(pending);
                used += step;
                pending.erase(0, step);
                if (parser.state() != State::body || body_begun) {
                    break;
                }
                body_begun = true;
                parser.body_max(body_max);
            }
        }
    }
};

constexpr std::string_view post =
    "POST /csc/v2/info?lang=vi HTTP/1.1\r\nHost: API.localhost:8443\r\n"
    "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"lang\":\"vi\"}";

TEST(RequestParser, ReadsARequestHoweverItIsSplit) {
    for (std::size_t piece = 1; piece <= post.size(); ++piece) {
        const Parsed parsed(post, piece);

        ASSERT_EQ(parsed.parser.state(), State::complete) << piece;
        EXPECT_EQ(parsed.used, post.size());
        EXPECT_EQ(parsed.request.method, Method::post);
        EXPECT_EQ(parsed.request.path, "/csc/v2/info");
        EXPECT_EQ(parsed.request.query, "lang=vi");
        EXPECT_EQ(parsed.request.host, "api.localhost");
        EXPECT_EQ(parsed.request.headers.find("content-type"), "application/json");
        EXPECT_EQ(parsed.request.body, "{\"lang\":\"vi\"}");
        EXPECT_TRUE(parsed.parser.keep_alive());
    }
}

TEST(RequestParser, ReadsChunksAndDropsTheirTrailer) {
    constexpr std::string_view chunked =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nAuthorization: Bearer forged\r\n\r\n";
    for (std::size_t piece = 1; piece <= chunked.size(); ++piece) {
        const Parsed parsed(chunked, piece);

        ASSERT_EQ(parsed.parser.state(), State::complete) << piece;
        EXPECT_EQ(parsed.request.body, "abcde");
        EXPECT_EQ(parsed.request.bearer(), std::nullopt);
    }
}

TEST(RequestParser, StopsAtTheEndOfTheMessage) {
    const std::string two = "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n";

    const Parsed parsed(two, two.size());

    EXPECT_EQ(parsed.parser.state(), State::complete);
    EXPECT_EQ(parsed.used, two.size() / 2);
    EXPECT_EQ(parsed.request.path, "/a");
}

TEST(RequestParser, TakesTheHostOfAnAbsoluteTarget) {
    const Parsed parsed("GET https://Login.localhost:1?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", 4096);

    EXPECT_EQ(parsed.request.host, "login.localhost");
    EXPECT_EQ(parsed.request.path, "/");
    EXPECT_EQ(parsed.request.query, "x=1");
}

TEST(RequestParser, ClosesAfterHttp10AndConnectionClose) {
    EXPECT_FALSE(Parsed("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", 4096)
                     .parser.keep_alive());
    EXPECT_FALSE(
        Parsed("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 4096).parser.keep_alive());
}

struct Refusal {
    const char* what;
    std::string text;
    unsigned status;
};

TEST(RequestParser, TakesEachFormOfAHost) {
    for (const auto* host :
         {"a", "A.b-c.example:8443", "127.0.0.1:1", "[::1]", "[::1]:443", "a:"}) {
        const Parsed parsed("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n", 7);
        EXPECT_EQ(parsed.parser.state(), State::complete) << host;
    }
    const Parsed plain("GET / HTTP/1.1\r\nHost: a\r\nContent-Encoding: identity\r\n\r\n", 7);
    EXPECT_EQ(plain.parser.state(), State::complete);
}

TEST(RequestParser, RefusesWhatIsNotOneClearMessage) {
    const std::string host = "Host: a\r\n";
    std::string many;
    for (int i = 0; i < 101; ++i) {
        many += "a:b\r\n";
    }
    const Refusal refusals[] = {
        {"garbage", "\x16\x03\x01 not http\r\n\r\n", 400},
        {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
        {"folded host", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400},
        {"user in host", "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", 400},
        {"user in target", "GET https://user@a/ HTTP/1.1\r\n" + host + "\r\n", 400},
        {"port that is none", "GET / HTTP/1.1\r\nHost: a:8443x\r\n\r\n", 400},
        {"port too great", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
        {"path in host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"half an address", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
        {"compressed body",
         "POST / HTTP/1.1\r\n" + host + "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\n",
         415},
        {"bare line feed in a value", "GET / HTTP/1.1\r\n" + host + "A: b\nC: d\r\n\r\n", 400},
        {"version 2", "GET / HTTP/2.0\r\n" + host + "\r\n", 505},
        {"relative target", "GET path HTTP/1.1\r\n" + host + "\r\n", 400},
        {"authority target", "CONNECT a:1 HTTP/1.1\r\n" + host + "\r\n", 400},
        {"asterisk without OPTIONS", "GET * HTTP/1.1\r\n" + host + "\r\n", 400},
        {"space before the colon", "GET / HTTP/1.1\r\n" + host + "A : b\r\n\r\n", 400},
        {"folded header", "GET / HTTP/1.1\r\n" + host + "A: b\r\n\x01: d\r\n\r\n", 400},
        {"length and chunked",
         "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"two lengths",
         "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
         400},
        {"negative length", "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", 400},
        {"length with a plus", "POST / HTTP/1.1\r\n" + host + "Content-Length: +1\r\n\r\n", 400},
        {"gzip coding",
         "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n",
         501},
        {"chunked twice over",
         "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, identity\r\n\r\n",
         501},
        {"chunked in 1.0",
         "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n",
         400},
        {"bad chunk size",
         "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
         400},
        {"huge chunk size",
         "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
         400},
        {"long header",
         "GET / HTTP/1.1\r\n" + host + "A: " + std::string(2000, 'b') + "\r\n\r\n",
         431},
        {"long target", "GET /" + std::string(2000, 'b') + " HTTP/1.1\r\n" + host + "\r\n", 431},
        {"endless header", "GET / HTTP/1.1\r\nA: " + std::string(2000, 'b'), 431},
        {"too many headers", "GET / HTTP/1.1\r\n" + host + many + "\r\n", 431},
        {"other expectation", "GET / HTTP/1.1\r\n" + host + "Expect: magic\r\n\r\n", 417},
        {"long body", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1025\r\n\r\n", 413},
        {"long chunk",
         "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n401\r\n",
         413},
    };
    for (const Refusal& refusal : refusals) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, refusal.text.size()}) {
            const Parsed parsed(refusal.text, piece);

            EXPECT_EQ(parsed.parser.state(), State::failed) << refusal.what << " by " << piece;
            EXPECT_EQ(parsed.parser.failure_status(), refusal.status)
                << refusal.what << " by " << piece;
        }
    }
}

TEST(RequestParser, NeverReadsBeyondItsInput) {
    for (std::size_t size = 0; size < post.size(); ++size) {
        const std::string exact(post.substr(0, size));
        const Parsed parsed(exact, 4096);

        EXPECT_NE(parsed.parser.state(), State::complete) << size;
        EXPECT_NE(parsed.parser.state(), State::failed) << size;
    }
}

}  // namespace
}  // namespace server::net
