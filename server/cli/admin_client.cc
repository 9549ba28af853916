#include "server/cli/admin_client.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <boost/json.hpp>

namespace server::cli {
namespace {

namespace json = boost::json;
using hsm::softphone::HttpsSettings;
using hsm::softphone::ProblemKind;

HttpsSettings settings_of(const DataFolder& folder) {
    HttpsSettings settings;
    settings.unix_socket = folder.admin_socket().string();
    return settings;
}

constexpr std::string_view base = "http://localhost";

}  // namespace

AdminClient::AdminClient(const DataFolder& folder)
    : folder_(folder.root()), socket_(folder.admin_socket()), http_(settings_of(folder)) {}

Outcome<json::object> AdminClient::object_of(
    const hsm::softphone::Outcome<hsm::softphone::HttpResponse>& response,
    std::string_view what) const {
    if (!response && response.error().kind == ProblemKind::unreachable) {
        if (::access(socket_.c_str(), W_OK) != 0 && errno == EACCES) {
            return Failure{socket_.string() + ": " + std::strerror(errno) +
                           " (the server lets in its own user and root)"};
        }
        return Failure{"no server runs on " + folder_.string() +
                       "; start it with: kyso up --data " + folder_.string()};
    }
    if (!response) {
        return failure_of(response.error());
    }
    TRY_ASSIGN(auto value, outcome_of(hsm::softphone::json_of(*response, what)));
    if (!value.is_object()) {
        return Failure{"the server's answer is no JSON object"};
    }
    return std::move(value.get_object());
}

Outcome<json::object> AdminClient::get(const std::string& path, std::string_view what) {
    return object_of(http_.get(std::string(base) + path), what);
}

Outcome<json::object> AdminClient::post(const std::string& path,
                                        const json::value& body,
                                        std::string_view what) {
    return object_of(http_.post_json(std::string(base) + path, body), what);
}

std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') ||
                                std::string_view("-._~").find(c) != std::string_view::npos;
        if (unreserved) {
            escaped += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        escaped += {'%', digits[byte >> 4], digits[byte & 0xf]};
    }
    return escaped;
}

Outcome<std::string> text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) {
        return Failure{"the server's answer has no " + std::string(name)};
    }
    return std::string(value->get_string());
}

}  // namespace server::cli
