#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/http/request.h"

namespace server::net {

// One HTTP/1 request message (RFC 9112), fed bytes; it touches no socket. Fills `request`, which
// outlives it: method, path, query, host and headers by the end of the header, then the body.
class RequestParser {
public:
    enum class State : std::uint8_t { header, body, complete, failed };

    // `header_max`: bytes of request line and fields.
    RequestParser(http::Request& request, std::size_t header_max);
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    // Consumes what it can and returns how many bytes; what is left belongs to the next call,
    // with more after it. Stops at the end of the header, so that body_max() can be set, and at
    // the end of the message.
    std::size_t put(std::string_view bytes);

    State state() const { return state_; }

    // When failed: 400, 413, 415, 417, 431, 501 or 505.
    unsigned failure_status() const { return failure_status_; }

    // In State::body: how many bytes it may become, at most `limit`.
    std::size_t body_expected(std::size_t limit) const;
    // In State::body: fails with 413, at once if Content-Length says so already.
    void body_max(std::size_t bytes);

    // From the end of the header. An HTTP/1.0 connection is never kept.
    bool keep_alive() const;
    bool expects_continue() const { return expects_continue_; }

private:
    class Beast;

    void fail(unsigned status);
    void finish_header();
    bool take_target();

    http::Request& request_;
    std::unique_ptr<Beast> beast_;
    State state_ = State::header;
    unsigned failure_status_ = 0;
    bool expects_continue_ = false;
};

}  // namespace server::net
