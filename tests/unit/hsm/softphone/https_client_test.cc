#include "hsm/softphone/https_client.h"

#include <condition_variable>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tests/unit/hsm/softphone/tls_server.h"

namespace hsm::softphone {
namespace {

namespace json = boost::json;

using testing::ServerRequest;
using testing::ServerResponse;
using testing::TlsServer;
using testing::Wire;

// What the server received, as JSON.
ServerResponse echo(const ServerRequest& request) {
    json::object headers;
    for (const auto& [name, value] : request.headers) {
        headers[name] = value;
    }
    return {200,
            json::serialize(json::object{{"method", request.method},
                                         {"target", request.target},
                                         {"headers", headers},
                                         {"body", request.body}}),
            ""};
}

HttpsClient client_of(const TlsServer& server) {
    HttpsSettings settings;
    settings.ca_file = server.ca_file();
    return HttpsClient(settings);
}

TEST(HttpsClient, FetchesFromANameThatNoResolverKnows) {
    TlsServer server(echo);
    auto client = client_of(server);

    const auto response = client.get(server.origin() + "/a/b?c=d", Bearer{"token"});

    ASSERT_TRUE(response.has_value()) << response.error().text;
    EXPECT_EQ(response->status, 200u);
    EXPECT_EQ(response->content_type, "application/json");
    const auto body = response->json();
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(body->at("method").as_string(), "GET");
    EXPECT_EQ(body->at("target").as_string(), "/a/b?c=d");
    EXPECT_EQ(body->at("headers").at("authorization").as_string(), "Bearer token");
    EXPECT_EQ(std::string(body->at("headers").at("host").as_string()),
              server.origin().substr(std::string("https://").size()));
}

TEST(HttpsClient, PostsJsonAndForms) {
    TlsServer server(echo);
    auto client = client_of(server);

    const auto posted = client.post_json(server.origin() + "/j", json::object{{"a", "ê"}});
    const auto form = client.post_form(server.origin() + "/f",
                                       {{"grant_type", "client_credentials"}, {"x", "a b&=%ê"}},
                                       Basic{"cli:ent", "s%cret"});

    ASSERT_TRUE(posted.has_value() && form.has_value());
    EXPECT_EQ(posted->json()->at("body").as_string(), "{\"a\":\"ê\"}");
    EXPECT_EQ(posted->json()->at("headers").at("content-type").as_string(), "application/json");
    EXPECT_EQ(form->json()->at("body").as_string(),
              "grant_type=client_credentials&x=a%20b%26%3D%25%C3%AA");
    EXPECT_EQ(form->json()->at("headers").at("content-type").as_string(),
              "application/x-www-form-urlencoded");
    // base64("cli%3Aent:s%25cret")
    EXPECT_EQ(form->json()->at("headers").at("authorization").as_string(),
              "Basic Y2xpJTNBZW50OnMlMjVjcmV0");
}

TEST(HttpsClient, KeepsItsConnectionAndNothingElse) {
    TlsServer server(echo);
    auto client = client_of(server);

    ASSERT_TRUE(client.post_json(server.origin() + "/", json::object(), Bearer{"t"}).has_value());
    for (int i = 0; i < 5; ++i) {
        const auto response = client.get(server.origin() + "/");

        ASSERT_TRUE(response.has_value());
        const auto body = *response->json();
        EXPECT_EQ(body.at("method").as_string(), "GET");
        EXPECT_FALSE(body.at("headers").as_object().contains("authorization"));
        EXPECT_FALSE(body.at("headers").as_object().contains("content-type"));
    }
    EXPECT_EQ(server.connections(), 1u);
    EXPECT_EQ(client.connections(), 1u);
}

TEST(HttpsClient, BelievesOnlyTheGivenAuthority) {
    TlsServer server(echo);
    TlsServer other(echo);
    HttpsSettings settings;
    settings.ca_file = other.ca_file();

    const auto wrong = HttpsClient(settings).get(server.origin() + "/");
    const auto system = HttpsClient().get(server.origin() + "/");
    settings.ca_file = "/nonexistent.pem";
    const auto missing = HttpsClient(settings).get(server.origin() + "/");

    for (const auto* response : {&wrong, &system, &missing}) {
        ASSERT_FALSE(response->has_value());
        EXPECT_EQ(response->error().kind, ProblemKind::unreachable);
    }
    EXPECT_NE(system.error().text.find("--ca"), std::string::npos);
    EXPECT_NE(missing.error().text.find("/nonexistent.pem"), std::string::npos);
}

TEST(HttpsClient, RefusesACertificateOfAnotherName) {
    TlsServer server(echo, "office.localhost");
    auto client = client_of(server);
    const auto port = server.origin().substr(server.origin().rfind(':'));

    EXPECT_TRUE(client.get("https://office.localhost" + port + "/").has_value());
    EXPECT_FALSE(client.get("https://approve.localhost" + port + "/").has_value());
}

TEST(HttpsClient, FollowsNoRedirect) {
    TlsServer server([](const ServerRequest&) {
        return ServerResponse{302, "{}", "Location: https://approve.localhost:1/\r\n"};
    });

    const auto response = client_of(server).get(server.origin() + "/");

    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 302u);
}

TEST(HttpsClient, StopsAtItsLimitOfBytes) {
    TlsServer server([](const ServerRequest&) {
        return ServerResponse{200, std::string(5000, ' '), ""};
    });
    HttpsSettings settings;
    settings.ca_file = server.ca_file();
    settings.response_max = 4999;
    const auto refused = HttpsClient(settings).get(server.origin() + "/");
    settings.response_max = 5000;
    const auto fits = HttpsClient(settings).get(server.origin() + "/");

    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().text.find("too large"), std::string::npos);
    EXPECT_TRUE(fits.has_value());
}

TEST(HttpsClient, GivesUpAfterItsTime) {
    std::mutex mutex;
    std::condition_variable released;
    bool release = false;
    TlsServer server([&](const ServerRequest&) {
        std::unique_lock lock(mutex);
        released.wait(lock, [&] { return release; });
        return ServerResponse{};
    });
    HttpsSettings settings;
    settings.ca_file = server.ca_file();
    settings.timeout = std::chrono::milliseconds(300);

    const auto response = HttpsClient(settings).get(server.origin() + "/");

    {
        const std::lock_guard lock(mutex);
        release = true;
    }
    released.notify_all();
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().kind, ProblemKind::unreachable);
}

TEST(HttpsClient, SaysWhenNobodyListens) {
    std::string origin;
    std::string ca_file;
    {
        TlsServer server(echo);
        origin = server.origin();
    }

    const auto response = HttpsClient().get(origin + "/");

    ASSERT_FALSE(response.has_value());
    EXPECT_NE(response.error().text.find("is the server running?"), std::string::npos);
}

TEST(HttpsClient, TakesHttpsAddressesOnly) {
    HttpsClient client;
    for (const char* url : {"",
                            "approve.localhost",
                            "http://approve.localhost/",
                            "file:///etc/passwd",
                            "https://",
                            "HTTPS//x"}) {
        const auto response = client.get(url);

        ASSERT_FALSE(response.has_value()) << url;
        EXPECT_EQ(response.error().kind, ProblemKind::input) << url;
    }
}

TEST(HttpsClient, SpeaksPlainHttpOverALocalSocketOnly) {
    TlsServer server(echo, "admin.localhost", Wire::local_socket);
    HttpsSettings settings;
    settings.unix_socket = server.socket_path();
    HttpsClient client(settings);

    const auto response = client.post_json("http://admin.localhost/admin", json::object());

    ASSERT_TRUE(response.has_value()) << response.error().text;
    EXPECT_EQ(response->json()->at("target").as_string(), "/admin");
    EXPECT_FALSE(client.get("https://admin.localhost/").has_value());
}

TEST(JsonOf, HasTheServersWordsForAnError) {
    const HttpResponse refused{
        409, "", R"({"error":"conflict","error_description":"enrolled \u001b[1malready"})"};
    const HttpResponse broken{200, "", "{"};
    const HttpResponse page{502, "", "<html>"};

    EXPECT_EQ(json_of(refused, "enrol").error().text,
              "cannot enrol: the server answers 409 conflict: enrolled \\u{1b}[1malready");
    EXPECT_EQ(json_of(broken, "enrol").error().kind, ProblemKind::server);
    EXPECT_EQ(json_of(page, "enrol").error().text, "cannot enrol: the server answers 502");
    EXPECT_TRUE(json_of({201, "", "{}"}, "enrol").has_value());
}

}  // namespace
}  // namespace hsm::softphone
