#pragma once

#include <optional>
#include <string_view>

#include "cloudsign/error.h"
#include "server/http/request.h"

namespace server::api::rssp {

// `Authorization: SSL2 …` or `Basic …` of the relying party, and after a comma `Basic …` of the
// person for whom it asks; or `Bearer …` with a refresh token. What follows each scheme.
struct LoginHeader {
    std::optional<std::string_view> ssl2{};
    std::optional<std::string_view> client{};
    std::optional<std::string_view> user{};
    std::optional<std::string_view> refresh_token{};
};
// `invalid` for anything else. Views into the request.
cloudsign::Result<LoginHeader> read_login_header(const http::Request& request);

// base64 of "USERTYPE:user:password".
struct LoginUser {
    enum class Named { by_id, by_account };
    Named named = Named::by_id;
    std::string user;
};
// `invalid`, also for an unknown type and for a password: a person has none here.
cloudsign::Result<LoginUser> read_login_user(std::string_view base64);

}  // namespace server::api::rssp
