#include "server/api/rssp/login_header.h"

#include <algorithm>

#include "cloudsign/base64.h"

namespace server::api::rssp {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;

std::optional<std::string_view> after(std::string_view text, std::string_view scheme) {
    if (text.size() <= scheme.size() ||
        !http::equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
        return std::nullopt;
    }
    return text.substr(scheme.size());
}

struct UserType {
    std::string_view name;
    LoginUser::Named named;
};

constexpr UserType user_types[] = {
    {"USERNAME", LoginUser::Named::by_id},
    {"UUID", LoginUser::Named::by_id},
    {"PERSONAL-ID", LoginUser::Named::by_account},
    {"PASSPORT-ID", LoginUser::Named::by_account},
    {"CITIZEN-IDENTITY-CARD", LoginUser::Named::by_account},
    {"BUDGET-CODE", LoginUser::Named::by_account},
    {"TAX-CODE", LoginUser::Named::by_account},
};

}  // namespace

cloudsign::Result<LoginHeader> read_login_header(const http::Request& request) {
    const Error malformed{ErrorKind::invalid, "send Authorization: SSL2, Basic or Bearer"};
    if (request.headers.count("Authorization") != 1) {
        return malformed;
    }
    const std::string_view value = *request.headers.find("Authorization");
    const auto comma = value.find(',');
    const auto first = value.substr(0, comma);
    LoginHeader header;
    header.ssl2 = after(first, "SSL2 ");
    header.client = after(first, "Basic ");
    header.refresh_token = after(first, "Bearer ");
    if (comma == std::string_view::npos) {
        return header.ssl2 || header.client || header.refresh_token
                   ? cloudsign::Result<LoginHeader>(header)
                   : malformed;
    }
    auto second = value.substr(comma + 1);
    second.remove_prefix(std::min(second.find_first_not_of(' '), second.size()));
    header.user = after(second, "Basic ");
    if (!header.user || !(header.ssl2 || header.client)) {
        return malformed;
    }
    return header;
}

cloudsign::Result<LoginUser> read_login_user(std::string_view base64) {
    const auto decoded = cloudsign::from_base64(base64);
    const auto text = decoded ? hsm::text_of(*decoded) : std::string_view();
    const auto type_end = text.find(':');
    const auto password_at = text.rfind(':');
    if (type_end == std::string_view::npos || password_at == type_end) {
        return Error{ErrorKind::invalid, "the user must be USERTYPE:user:password"};
    }
    if (password_at + 1 != text.size()) {
        return Error{ErrorKind::invalid, "persons have no password here: leave it empty"};
    }
    const auto* type = std::ranges::find(user_types, text.substr(0, type_end), &UserType::name);
    if (type == std::end(user_types)) {
        return Error{ErrorKind::invalid, "unknown user type"};
    }
    return LoginUser{type->named,
                     std::string(text.substr(type_end + 1, password_at - type_end - 1))};
}

}  // namespace server::api::rssp
