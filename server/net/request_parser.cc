#include "server/net/request_parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace server::net {
namespace {

namespace beast = boost::beast;

using http::Method;

constexpr std::array<std::pair<beast::http::verb, Method>, 7> verbs{{
    {beast::http::verb::get, Method::get},
    {beast::http::verb::head, Method::head},
    {beast::http::verb::post, Method::post},
    {beast::http::verb::put, Method::put},
    {beast::http::verb::patch, Method::patch},
    {beast::http::verb::delete_, Method::delete_},
    {beast::http::verb::options, Method::options},
}};

Method method_of(beast::http::verb verb) {
    const auto* row = std::ranges::find(verbs, verb, &std::pair<beast::http::verb, Method>::first);
    return row == verbs.end() ? Method::other : row->second;
}

std::string_view std_view(beast::string_view text) {
    return {text.data(), text.size()};
}

// What a claimed Content-Length may reserve before a byte of it has come.
constexpr std::size_t body_reserve_max = 64 * 1024;

unsigned status_of(const beast::error_code& error) {
    if (error == beast::http::error::header_limit) {
        return 431;
    }
    if (error == beast::http::error::body_limit) {
        return 413;
    }
    if (error == beast::http::error::bad_version) {
        return 505;
    }
    return 400;
}

}  // namespace

class RequestParser::Beast final : public beast::http::basic_parser<true> {
public:
    explicit Beast(http::Request& request) : request_(request) {}

    int version() const { return version_; }

private:
    void on_request_impl(beast::http::verb verb,
                         beast::string_view,
                         beast::string_view target,
                         int version,
                         beast::error_code&) override {
        version_ = version;
        request_.method = method_of(verb);
        request_.path = std_view(target);
    }

    void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}

    void on_field_impl(beast::http::field,
                       beast::string_view name,
                       beast::string_view value,
                       beast::error_code& error) override {
        // Beast reports the trailer of a chunked body here too. A trailer must not add an
        // Authorization after the fact (RFC 9110 §6.5.1), and we need none: dropped.
        if (header_done_) {
            return;
        }
        if (!request_.headers.add(std_view(name), std_view(value))) {
            error = beast::http::error::header_limit;
        }
    }

    void on_header_impl(beast::error_code&) override { header_done_ = true; }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                           beast::error_code&) override {
        if (length) {
            request_.body.reserve(
                static_cast<std::size_t>(std::min<std::uint64_t>(*length, body_reserve_max)));
        }
    }

    std::size_t on_body_impl(beast::string_view body, beast::error_code&) override {
        request_.body.append(body.data(), body.size());
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t,
                                   beast::string_view body,
                                   beast::error_code&) override {
        request_.body.append(body.data(), body.size());
        return body.size();
    }

    void on_finish_impl(beast::error_code&) override {}

    http::Request& request_;
    int version_ = 0;
    bool header_done_ = false;
};

RequestParser::RequestParser(http::Request& request, std::size_t header_max)
    : request_(request), beast_(std::make_unique<Beast>(request)) {
    beast_->header_limit(static_cast<std::uint32_t>(header_max));
    beast_->body_limit(boost::none);  // unknown until the route is
}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::put(std::string_view bytes) {
    std::size_t used = 0;
    const State before = state_;
    while (state_ == before && (state_ == State::header || state_ == State::body)) {
        const std::string_view rest = bytes.substr(used);
        beast::error_code error;
        const std::size_t step =
            beast_->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
        used += step;
        if (error && error != beast::http::error::need_more) {
            fail(status_of(error));
        } else if (state_ == State::header && beast_->is_header_done()) {
            finish_header();
        } else if (beast_->is_done()) {
            state_ = State::complete;
        } else if (step == 0 || error) {
            break;
        }
    }
    return used;
}

std::size_t RequestParser::body_expected(std::size_t limit) const {
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(beast_->content_length().value_or(limit), limit));
}

void RequestParser::body_max(std::size_t bytes) {
    if (beast_->content_length().value_or(0) > bytes) {
        fail(413);
    }
    beast_->body_limit(bytes);
}

bool RequestParser::keep_alive() const {
    return beast_->version() == 11 && beast_->keep_alive();
}

void RequestParser::fail(unsigned status) {
    state_ = State::failed;
    failure_status_ = status;
}

void RequestParser::finish_header() {
    const http::Headers& headers = request_.headers;
    const std::size_t host_count = headers.count("host");
    if (host_count == 1) {
        request_.host = http::host_of(*headers.find("host"));
    }
    // RFC 9112 §3.2: a request without Host, or with several, gets a 400.
    if (!take_target() || host_count != 1 || !http::is_authority(*headers.find("host"))) {
        fail(400);
        return;
    }
    // RFC 9110 §8.4: read as if it were not compressed, it would be another message.
    if (const auto coding = headers.find("content-encoding");
        coding && !http::equal_ignoring_case(*coding, "identity")) {
        fail(415);
        return;
    }
    // RFC 9112 §6.1: Beast would take a coding that it does not know for "no body", and the body
    // for the next request.
    if (const auto coding = headers.find("transfer-encoding")) {
        if (!http::equal_ignoring_case(*coding, "chunked") ||
            headers.count("transfer-encoding") != 1) {
            fail(501);
            return;
        }
        if (beast_->version() != 11) {
            fail(400);
            return;
        }
    }
    if (const auto expectation = headers.find("expect")) {
        if (!http::equal_ignoring_case(*expectation, "100-continue")) {
            fail(417);
            return;
        }
        expects_continue_ = beast_->version() == 11;
    }
    state_ = beast_->is_done() ? State::complete : State::body;
}

// Splits the target; RFC 9112 §3.2.2: in absolute-form its authority takes the place of Host.
bool RequestParser::take_target() {
    std::string target = std::move(request_.path);
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (http::equal_ignoring_case(std::string_view(target).substr(0, scheme.size()), scheme)) {
            const std::string_view rest = std::string_view(target).substr(scheme.size());
            const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
            if (!http::is_authority(authority)) {
                return false;
            }
            request_.host = http::host_of(authority);
            target = std::string(rest.substr(authority.size()));
            if (!target.starts_with('/')) {
                target.insert(0, "/");
            }
            break;
        }
    }
    if (!target.starts_with('/') && !(target == "*" && request_.method == Method::options)) {
        return false;
    }
    const std::size_t question = target.find('?');
    if (question != std::string::npos) {
        request_.query = target.substr(question + 1);
        target.resize(question);
    }
    request_.path = std::move(target);
    return true;
}

}  // namespace server::net
