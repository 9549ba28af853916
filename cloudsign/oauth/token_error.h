#pragma once

#include <string>
#include <string_view>

#include "cloudsign/error.h"

namespace cloudsign::oauth {

// OAuth's own error codes (RFC 6749 §5.2, RFC 7009 §2.2.1, RFC 9449 §5) beside the texts that CSC
// gives them.
enum class TokenErrorCode {
    invalid_request,
    invalid_client,
    invalid_grant,
    unauthorized_client,
    unsupported_grant_type,
    unsupported_token_type,
    invalid_scope,
    invalid_dpop_proof,
    temporarily_unavailable,
    server_error
};
std::string_view name(TokenErrorCode code);

struct TokenError {
    TokenErrorCode code = TokenErrorCode::invalid_request;
    int http_status = 400;
    std::string description;
    std::int64_t retry_after_s = 0;  // 429 and 503: when to come back; 0: soon
    // For whoever reads the log, where it looks like an attack: what, and at whose expense.
    std::string_view event{};
    std::string client_id{};
};

inline TokenError with_event(TokenError error, std::string_view event, std::string client_id) {
    error.event = event;
    error.client_id = std::move(client_id);
    return error;
}

inline TokenError invalid_grant(std::string description) {
    return {TokenErrorCode::invalid_grant, 400, std::move(description)};
}

// For what went wrong on our side: busy and unavailable may be tried again.
TokenError failure_of(const Error& error);

}  // namespace cloudsign::oauth
