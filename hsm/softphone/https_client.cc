#include "hsm/softphone/https_client.h"

#include <curl/curl.h>

#include <boost/json.hpp>

#include "hsm/base/check.h"
#include "hsm/softphone/printable.h"

namespace hsm::softphone {

namespace json = boost::json;

namespace {

struct UrlFree {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct TextFree {
    void operator()(char* text) const { curl_free(text); }
};
struct ListFree {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListFree>;

void append(List& list, const std::string& text) {
    auto* longer = curl_slist_append(list.get(), text.c_str());
    CHECK(longer != nullptr);
    static_cast<void>(list.release());
    list.reset(longer);
}

std::string host_of(const std::string& url) {
    const std::unique_ptr<CURLU, UrlFree> parsed(curl_url());
    char* text = nullptr;
    if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
        curl_url_get(parsed.get(), CURLUPART_HOST, &text, 0) != CURLUE_OK) {
        return {};
    }
    const std::unique_ptr<char, TextFree> host(text);
    return host.get();
}

bool is_local(std::string_view host) {
    return host == "localhost" || host.ends_with(".localhost");
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char character : text) {
        if (unreserved.find(character) != std::string_view::npos) {
            out += character;
            continue;
        }
        const auto byte = static_cast<unsigned char>(character);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

struct Received {
    std::string body;
    std::size_t max = 0;
    bool too_large = false;
};

std::size_t receive(char* bytes, std::size_t size, std::size_t count, void* user) {
    auto& received = *static_cast<Received*>(user);
    size *= count;
    if (size > received.max - received.body.size()) {
        received.too_large = true;
        return 0;
    }
    received.body.append(bytes, size);
    return size;
}

// What a person can do about it, where libcurl's own words do not say.
std::string advice(CURLcode code, const HttpsSettings& settings) {
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
            return settings.ca_file.empty()
                       ? " (name the server's authority with --ca FILE)"
                       : " (is " + settings.ca_file + " this server's authority?)";
        case CURLE_SSL_CACERT_BADFILE:
            return " (" + settings.ca_file + ")";
        case CURLE_COULDNT_CONNECT:
            return " (is the server running?)";
        default:
            return "";
    }
}

}  // namespace

struct HttpsClient::Handle {
    Handle() {
        static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
        CHECK(started == CURLE_OK);
        curl = curl_easy_init();
        CHECK(curl != nullptr);
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { curl_easy_cleanup(curl); }

    template <class T>
    void set(CURLoption option, T value) {
        CHECK(curl_easy_setopt(curl, option, value) == CURLE_OK);
    }

    CURL* curl = nullptr;
};

Outcome<json::value> HttpResponse::json() const {
    json::error_code error;
    auto value = json::parse(body, error);
    if (error) {
        return Problem{ProblemKind::server, "the server's answer is not JSON"};
    }
    return value;
}

Outcome<json::value> json_of(const HttpResponse& response, std::string_view what) {
    if (response.status >= 200 && response.status < 300) {
        return response.json();
    }
    auto text =
        "cannot " + std::string(what) + ": the server answers " + std::to_string(response.status);
    if (const auto value = response.json(); value && value->is_object()) {
        for (const char* name : {"error", "error_description"}) {
            if (const auto* words = value->get_object().if_contains(name);
                words != nullptr && words->is_string()) {
                text += (name == std::string_view("error") ? " " : ": ") +
                        printable(std::string_view(words->get_string()).substr(0, 500));
            }
        }
    }
    return Problem{ProblemKind::server, std::move(text)};
}

HttpsClient::HttpsClient(HttpsSettings settings)
    : settings_(std::move(settings)), handle_(std::make_unique<Handle>()) {}
HttpsClient::HttpsClient(HttpsClient&& other) noexcept = default;
HttpsClient& HttpsClient::operator=(HttpsClient&& other) noexcept = default;
HttpsClient::~HttpsClient() = default;

Outcome<HttpResponse> HttpsClient::get(const std::string& url, const Authorization& authorization) {
    return send(url, nullptr, "", authorization);
}

Outcome<HttpResponse> HttpsClient::post_json(const std::string& url,
                                             const json::value& body,
                                             const Authorization& authorization) {
    const auto text = json::serialize(body);
    return send(url, &text, "application/json", authorization);
}

Outcome<HttpResponse> HttpsClient::post_form(const std::string& url,
                                             const Fields& fields,
                                             const Authorization& authorization) {
    std::string text;
    for (const auto& [name, value] : fields) {
        text += (text.empty() ? "" : "&") + percent_encoded(name) + '=' + percent_encoded(value);
    }
    return send(url, &text, "application/x-www-form-urlencoded", authorization);
}

Outcome<HttpResponse> HttpsClient::send(const std::string& url,
                                        const std::string* body,
                                        std::string_view content_type,
                                        const Authorization& authorization) {
    const bool local_socket = !settings_.unix_socket.empty();
    const auto host = host_of(url);
    if (host.empty() || !url.starts_with(local_socket ? "http://" : "https://")) {
        return Problem{ProblemKind::input,
                       "\"" + printable(url) + "\" is not an address that can be asked"};
    }
    // Options go, connections and TLS sessions stay.
    auto& handle = *handle_;
    curl_easy_reset(handle.curl);
    char error[CURL_ERROR_SIZE] = "";
    Received received;
    received.max = settings_.response_max;
    handle.set(CURLOPT_URL, url.c_str());
    handle.set(CURLOPT_PROTOCOLS_STR, local_socket ? "http" : "https");
    handle.set(CURLOPT_FOLLOWLOCATION, 0L);
    handle.set(CURLOPT_NOSIGNAL, 1L);
    handle.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    handle.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect_timeout.count()));
    handle.set(CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.timeout.count()));
    handle.set(CURLOPT_ERRORBUFFER, static_cast<char*>(error));
    handle.set(CURLOPT_WRITEFUNCTION, receive);
    handle.set(CURLOPT_WRITEDATA, static_cast<void*>(&received));
    if (!settings_.ca_file.empty()) {
        handle.set(CURLOPT_CAINFO, settings_.ca_file.c_str());
        handle.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    List connect_to;
    if (local_socket) {
        handle.set(CURLOPT_UNIX_SOCKET_PATH, settings_.unix_socket.c_str());
    } else if (is_local(host)) {
        append(connect_to, "::127.0.0.1:");
        handle.set(CURLOPT_CONNECT_TO, connect_to.get());
        handle.set(CURLOPT_PROXY, "");
    }
    List headers;
    append(headers, "Accept: application/json");
    append(headers, "Expect:");
    if (body != nullptr) {
        append(headers, "Content-Type: " + std::string(content_type));
        handle.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
        handle.set(CURLOPT_POSTFIELDS, body->c_str());
    }
    if (const auto* bearer = std::get_if<Bearer>(&authorization)) {
        append(headers, "Authorization: Bearer " + bearer->token);
    } else if (const auto* basic = std::get_if<Basic>(&authorization)) {
        // RFC 6749 §2.3.1 has both form-encoded, so no ':' in the name can split them wrongly.
        handle.set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
        handle.set(CURLOPT_USERNAME, percent_encoded(basic->user).c_str());
        handle.set(CURLOPT_PASSWORD, percent_encoded(basic->password).c_str());
    }
    handle.set(CURLOPT_HTTPHEADER, headers.get());

    const auto code = curl_easy_perform(handle.curl);
    long opened = 0;
    curl_easy_getinfo(handle.curl, CURLINFO_NUM_CONNECTS, &opened);
    connections_ += static_cast<std::size_t>(opened);
    if (code != CURLE_OK) {
        const std::string why = received.too_large ? "the answer is too large"
                                : *error != '\0'   ? error
                                                   : curl_easy_strerror(code);
        return Problem{ProblemKind::unreachable,
                       "no answer from " + host + ": " + why + advice(code, settings_)};
    }
    HttpResponse response;
    long status = 0;
    curl_easy_getinfo(handle.curl, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<unsigned>(status);
    const char* type = nullptr;
    curl_easy_getinfo(handle.curl, CURLINFO_CONTENT_TYPE, &type);
    response.content_type = type != nullptr ? type : "";
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(handle.curl, CURLINFO_RETRY_AFTER, &retry_after_s);
    response.retry_after = std::chrono::seconds(retry_after_s);
    response.body = std::move(received.body);
    return response;
}

}  // namespace hsm::softphone
