#pragma once

#include <vector>

#include "hsm/protocol/message.h"

namespace hsm::client {

// A module's answer: the decoded body together with the bytes that its views point into.
template <class Response>
class Reply {
public:
    // From a whole response message. The module's own status when it refused; `response_wrong`
    // when this is no such response, or a status outside the table.
    static Result<Reply> from(std::vector<Byte> message) {
        TRY_ASSIGN(auto head, protocol::decode_response_head(message));
        if (head.status != Status::ok) {
            return base::status_name(head.status) == "unknown" ? Status::response_wrong
                                                               : head.status;
        }
        TRY_ASSIGN(auto body, protocol::decode_response_body<Response>(message));
        return Reply(std::move(message), body);
    }

    // Moving a vector keeps its storage, so the views stay valid; a copy's would not.
    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&&) noexcept = default;

    const Response& operator*() const& { return body_; }
    const Response* operator->() const { return &body_; }
    const Response& operator*() && = delete;

private:
    Reply(std::vector<Byte> message, const Response& body)
        : message_(std::move(message)), body_(body) {}

    std::vector<Byte> message_;
    Response body_;
};

}  // namespace hsm::client
