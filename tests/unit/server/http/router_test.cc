#include "server/http/router.h"

#include <array>

#include <gtest/gtest.h>

namespace server::http {
namespace {

Outcome unused(api::Context&, const Request&, const PathParameters&) {
    return no_content();
}

constexpr std::array<Route, 7> routes{{
    {Method::get, Host::any, "/healthz", Guard::open, 0, Execution::inline_, unused},
    {Method::post, Host::api, "/csc/v2/info", Guard::open, 100, Execution::pool, unused},
    {Method::get | Method::delete_,
     Host::api,
     "/things/{id}",
     Guard::client,
     0,
     Execution::pool,
     unused},
    {Method::post,
     Host::approve,
     "/approve/v1/transactions/{id}/approve",
     Guard::device,
     100,
     Execution::pool,
     unused},
    {Method::get, Host::api, "/things/all", Guard::client, 0, Execution::pool, unused},
    {Method::get, Host::login, "/csc/v2/info", Guard::open, 0, Execution::pool, unused},
    {Method::get, Host::api, "/asked/{rest}", Guard::open, 0, Execution::pool, unused},
}};

class RouterTest : public testing::Test {
protected:
    const std::array<HostName, 3> hosts{{{"api.localhost", Host::api},
                                         {"approve.localhost", Host::approve},
                                         {"login.localhost", Host::login}}};
    const Router router{routes, hosts};
};

TEST_F(RouterTest, ClassifiesHosts) {
    EXPECT_EQ(router.host_class("api.localhost"), Host::api);
    EXPECT_EQ(router.host_class("approve.localhost"), Host::approve);
    EXPECT_EQ(router.host_class("evil.example"), Host::any);
}

TEST_F(RouterTest, FindsExactRowsByHostAndMethod) {
    EXPECT_EQ(router.match(Host::api, Method::post, "/csc/v2/info").route, &routes[1]);
    EXPECT_EQ(router.match(Host::login, Method::get, "/csc/v2/info").route, &routes[5]);
    EXPECT_EQ(router.match(Host::any, Method::get, "/healthz").route, &routes[0]);
    EXPECT_EQ(router.match(Host::admin, Method::get, "/healthz").route, &routes[0]);
}

TEST_F(RouterTest, GivesTheRestOfAPathAsItIs) {
    const auto match = router.match(Host::api, Method::get, "/asked/MEI/w%2B==/../x");
    EXPECT_EQ(match.route, &routes[6]);
    EXPECT_EQ(match.parameters.id, "MEI/w%2B==/../x");
    EXPECT_EQ(router.match(Host::api, Method::get, "/asked/").route, nullptr);
    EXPECT_EQ(router.match(Host::api, Method::get, "/asked").route, nullptr);
    EXPECT_EQ(router.match(Host::login, Method::get, "/asked/x").route, nullptr);
}

TEST_F(RouterTest, GetServesHead) {
    EXPECT_EQ(router.match(Host::any, Method::head, "/healthz").route, &routes[0]);
}

TEST_F(RouterTest, SaysWhichMethodsAreAllowed) {
    const Match match = router.match(Host::api, Method::put, "/things/7");

    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(allow_text(match.allowed), "GET, HEAD, DELETE");
    EXPECT_EQ(router.match(Host::api, Method::other, "/csc/v2/info").route, nullptr);
}

TEST_F(RouterTest, AnotherHostsPathIsNotThere) {
    const Match match = router.match(Host::approve, Method::post, "/csc/v2/info");

    EXPECT_EQ(match.route, nullptr);
    EXPECT_TRUE(match.allowed.empty());
}

TEST_F(RouterTest, TakesTheParameter) {
    const Match match =
        router.match(Host::approve, Method::post, "/approve/v1/transactions/aB-_9~./approve");

    EXPECT_EQ(match.route, &routes[3]);
    EXPECT_EQ(match.parameters.id, "aB-_9~.");
}

TEST_F(RouterTest, PrefersTheExactRow) {
    EXPECT_EQ(router.match(Host::api, Method::get, "/things/all").route, &routes[4]);
}

TEST_F(RouterTest, RefusesParametersThatAreNoIdentifier) {
    const std::string longest(128, 'a');
    EXPECT_EQ(router.match(Host::api, Method::get, "/things/" + longest).route, &routes[2]);
    for (const std::string& id : {std::string(),
                                  std::string("a/b"),
                                  std::string("%61"),
                                  std::string("."),
                                  std::string(".."),
                                  std::string("a b"),
                                  longest + 'a'}) {
        EXPECT_EQ(router.match(Host::api, Method::get, "/things/" + id).route, nullptr) << id;
    }
    EXPECT_EQ(router.match(Host::approve, Method::post, "/approve/v1/transactions/approve").route,
              nullptr);
}

}  // namespace
}  // namespace server::http
