#include "server/http/request.h"

#include <gtest/gtest.h>

namespace server::http {
namespace {

Request with_header(std::string_view name, std::string_view value) {
    Request request;
    EXPECT_TRUE(request.headers.add(name, value));
    return request;
}

TEST(Request, BearerIgnoresTheCaseOfTheScheme) {
    EXPECT_EQ(with_header("Authorization", "Bearer abc.def").bearer(), "abc.def");
    EXPECT_EQ(with_header("authorization", "bearer  abc").bearer(), "abc");
}

TEST(Request, BearerRefusesOtherSchemesAndRepetition) {
    EXPECT_EQ(Request().bearer(), std::nullopt);
    EXPECT_EQ(with_header("Authorization", "Basic abc").bearer(), std::nullopt);
    EXPECT_EQ(with_header("Authorization", "Bearer ").bearer(), std::nullopt);
    Request twice = with_header("Authorization", "Bearer abc");
    EXPECT_TRUE(twice.headers.add("Authorization", "Bearer def"));
    EXPECT_EQ(twice.bearer(), std::nullopt);
}

TEST(Request, TellsTheSchemesOfAccessTokensApart) {
    const auto one = with_header("Authorization", "dpop abc");
    const auto other = with_header("Authorization", "Bearer abc");

    const auto bound = one.access_token();
    const auto bearer = other.access_token();

    ASSERT_TRUE(bound && bearer);
    EXPECT_EQ(bound->scheme, AccessToken::Scheme::dpop);
    EXPECT_EQ(bound->token, "abc");
    EXPECT_EQ(bearer->scheme, AccessToken::Scheme::bearer);
    EXPECT_EQ(with_header("Authorization", "DPoP abc").bearer(), std::nullopt);
    EXPECT_FALSE(with_header("Authorization", "DPoPabc").access_token().has_value());
    EXPECT_FALSE(with_header("Authorization", "DPoP").access_token().has_value());
}

TEST(Request, ContentTypeIgnoresParametersAndCase) {
    const Request request = with_header("Content-Type", "Application/JSON ; charset=utf-8");

    EXPECT_TRUE(request.has_content_type("application/json"));
    EXPECT_FALSE(request.has_content_type("application/jsonp"));
    EXPECT_FALSE(Request().has_content_type("application/json"));
}

TEST(Request, HostLosesItsPortAndCase) {
    EXPECT_EQ(host_of("API.localhost:8443"), "api.localhost");
    EXPECT_EQ(host_of("api.localhost"), "api.localhost");
    EXPECT_EQ(host_of("[::1]:8443"), "[::1]");
    EXPECT_EQ(host_of("[::1]"), "[::1]");
    EXPECT_EQ(host_of(""), "");
}

TEST(Headers, FindsAnyCaseAndBoundsTheirNumber) {
    Headers headers;
    for (std::size_t i = 0; i < Headers::count_max; ++i) {
        ASSERT_TRUE(headers.add("X-" + std::to_string(i), std::to_string(i)));
    }

    EXPECT_FALSE(headers.add("one", "more"));
    EXPECT_EQ(headers.find("x-42"), "42");
    EXPECT_EQ(headers.find("one"), std::nullopt);
    headers.clear();
    EXPECT_EQ(headers.find("x-42"), std::nullopt);
}

}  // namespace
}  // namespace server::http
