#include "server/http/response.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace server::http {
namespace {

TEST(Response, ErrorEscapesItsText) {
    const Response response = error(400, "invalid_request", "say \"please\"\n");

    EXPECT_EQ(response.status, 400u);
    EXPECT_EQ(response.content_type, "application/json");
    const auto body = boost::json::parse(response.body);
    EXPECT_EQ(body.at("error").as_string(), "invalid_request");
    EXPECT_EQ(body.at("error_description").as_string(), "say \"please\"\n");
}

TEST(Response, BusySaysWhenToComeBack) {
    const Response response = busy("later");

    EXPECT_EQ(response.status, 503u);
    ASSERT_EQ(response.headers.size(), 1u);
    EXPECT_EQ(response.headers[0].first, "Retry-After");
}

}  // namespace
}  // namespace server::http
