#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/fwd.hpp>

#include "hsm/softphone/problem.h"

namespace hsm::softphone {

struct HttpResponse {
    unsigned status = 0;
    std::string content_type;
    std::string body;
    std::chrono::seconds retry_after{0};  // RFC 9110 §10.2.3; 0: it does not say

    // `server` when the body is not JSON.
    Outcome<boost::json::value> json() const;
};

// The JSON body of a 2xx; of any other answer `server`, with the words of
// `error_description` where the body has them. `what` says what was asked: "cannot fetch …".
Outcome<boost::json::value> json_of(const HttpResponse& response, std::string_view what);

struct Bearer {
    std::string token;
};
struct Basic {
    std::string user;
    std::string password;
};
using Authorization = std::variant<std::monostate, Bearer, Basic>;

struct HttpsSettings {
    std::string ca_file;      // PEM: nothing else is believed; empty: the system's authorities
    std::string unix_socket;  // set: plain HTTP over this socket, for the local admin
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds timeout{70'000};  // longer than a held request (55 s)
    std::size_t response_max = 8 << 20;
};

// Blocking requests over connections that it keeps open. Follows no redirect. Names under
// "localhost" (RFC 6761 §6.3) go to 127.0.0.1, whatever the resolver says. One thread at a time.
class HttpsClient {
public:
    explicit HttpsClient(HttpsSettings settings = {});
    HttpsClient(HttpsClient&& other) noexcept;
    HttpsClient& operator=(HttpsClient&& other) noexcept;
    ~HttpsClient();

    // Each answers whatever the server says, errors included; a Problem is `unreachable`, or
    // `input` when `url` is not one that this client takes.
    Outcome<HttpResponse> get(const std::string& url, const Authorization& authorization = {});
    Outcome<HttpResponse> post_json(const std::string& url,
                                    const boost::json::value& body,
                                    const Authorization& authorization = {});
    using Fields = std::vector<std::pair<std::string, std::string>>;
    Outcome<HttpResponse> post_form(const std::string& url,
                                    const Fields& fields,
                                    const Authorization& authorization = {});

    // Connections opened so far.
    std::size_t connections() const { return connections_; }

private:
    struct Handle;

    Outcome<HttpResponse> send(const std::string& url,
                               const std::string* body,
                               std::string_view content_type,
                               const Authorization& authorization);

    HttpsSettings settings_;
    std::unique_ptr<Handle> handle_;
    std::size_t connections_ = 0;
};

}  // namespace hsm::softphone
