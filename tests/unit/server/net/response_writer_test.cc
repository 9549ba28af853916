#include "server/net/response_writer.h"

#include <gtest/gtest.h>

namespace server::net {
namespace {

TEST(ResponseWriter, WritesTheHead) {
    const http::Response response = http::json_text(200, "{}");

    EXPECT_EQ(response_head(response, Connection::keep, "id-1", "DATE"),
              "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Type: application/json\r\n"
              "Content-Length: 2\r\nX-Request-Id: id-1\r\nX-Content-Type-Options: nosniff\r\n"
              "Cache-Control: no-store\r\n\r\n");
}

TEST(ResponseWriter, KeepsTheHandlersCacheControl) {
    const http::Response response = http::no_content().with("cache-control", "max-age=60");

    const std::string head = response_head(response, Connection::close, "id", "DATE");

    EXPECT_EQ(head.find("no-store"), std::string::npos);
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
    EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos);
}

TEST(ResponseWriter, SeesResponseSplitting) {
    EXPECT_TRUE(has_valid_headers(http::no_content().with("Location", "https://a/?b=c")));
    EXPECT_FALSE(has_valid_headers(http::no_content().with("Location", "a\r\nSet-Cookie: b=c")));
    EXPECT_FALSE(has_valid_headers(http::no_content().with("Location", std::string(1, '\0'))));
    EXPECT_FALSE(has_valid_headers(http::no_content().with("Bad name", "a")));
    EXPECT_FALSE(has_valid_headers(http::no_content().with("", "a")));
}

TEST(ResponseWriter, DatesAsRfc9110Says) {
    DateText date;

    EXPECT_EQ(date.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(date.at(784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace server::net
