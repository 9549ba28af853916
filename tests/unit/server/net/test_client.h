#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace server::net {

struct Answer {
    unsigned status = 0;
    std::map<std::string, std::string> headers;  // names lower-cased
    std::string body;
};

// A blocking HTTP client that sends exactly the bytes it is told to, over TLS or a unix socket.
class TestClient {
public:
    // TLS; `version_max` 0: the highest.
    explicit TestClient(std::uint16_t port, int version_max = 0);
    explicit TestClient(const std::string& socket_path);
    ~TestClient();
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    // False when the connection or the handshake failed.
    bool connected() const { return connected_; }
    std::string tls_version() const;
    std::string certificate_name() const;

    bool send(std::string_view bytes);

    // The next response; none when the stream ends before one is complete. A response to HEAD has
    // no body.
    std::optional<Answer> receive(std::string_view method = "GET");

    // Reads on until `text` has come, and takes everything up to its end: none when the stream ends
    // before.
    std::optional<std::string> receive_until(std::string_view text);

    // Sends a request with Host api.localhost and, if there is a body, its length.
    std::optional<Answer> request(std::string_view method,
                                  std::string_view path,
                                  std::string_view body = {},
                                  std::string_view headers = {});

    // True when the server ends the stream and sends nothing more.
    bool ended();

    void disconnect();

private:
    bool receive_more();

    int fd_ = -1;
    SSL* ssl_ = nullptr;
    bool connected_ = false;
    std::string received_;
};

// What TestClient::request() sends.
std::string request_text(std::string_view method,
                         std::string_view path,
                         std::string_view body = {},
                         std::string_view headers = {});

}  // namespace server::net
