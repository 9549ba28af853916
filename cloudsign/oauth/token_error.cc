#include "cloudsign/oauth/token_error.h"

namespace cloudsign::oauth {

std::string_view name(TokenErrorCode code) {
    switch (code) {
        case TokenErrorCode::invalid_request:
            return "invalid_request";
        case TokenErrorCode::invalid_client:
            return "invalid_client";
        case TokenErrorCode::invalid_grant:
            return "invalid_grant";
        case TokenErrorCode::unauthorized_client:
            return "unauthorized_client";
        case TokenErrorCode::unsupported_grant_type:
            return "unsupported_grant_type";
        case TokenErrorCode::unsupported_token_type:
            return "unsupported_token_type";
        case TokenErrorCode::invalid_scope:
            return "invalid_scope";
        case TokenErrorCode::invalid_dpop_proof:
            return "invalid_dpop_proof";
        case TokenErrorCode::temporarily_unavailable:
            return "temporarily_unavailable";
        case TokenErrorCode::server_error:
            return "server_error";
    }
    return "server_error";
}

TokenError failure_of(const Error& error) {
    if (error.kind == ErrorKind::busy || error.kind == ErrorKind::unavailable) {
        return {TokenErrorCode::temporarily_unavailable,
                error.kind == ErrorKind::busy ? 429 : 503,
                error.detail,
                error.retry_after_s};
    }
    return {TokenErrorCode::server_error, 500, error.detail, 0};
}

}  // namespace cloudsign::oauth
