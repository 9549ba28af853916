#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::admin {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::store::OfficeRole;
using cloudsign::store::OfficeStatus;
using cloudsign::store::OfficeUser;

boost::json::object user_json(const OfficeUser& user) {
    return {{"id", user.id},
            {"name", user.name},
            {"role", cloudsign::identity::name(user.role)},
            {"status", user.status == OfficeStatus::active ? "active" : "disabled"},
            {"created_at", user.created_at}};
}

cloudsign::Result<OfficeRole> role_in(const std::string& text) {
    const auto role = cloudsign::identity::role_named(text);
    if (!role) {
        return Error{ErrorKind::invalid, "role must be registrar, auditor or administrator"};
    }
    return *role;
}

cloudsign::Result<OfficeUser> add(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto id, text_member(body, "id", 64));
    TRY_ASSIGN(auto name, text_member(body, "name", 255));
    TRY_ASSIGN(auto role_text, text_member(body, "role", 16));
    TRY_ASSIGN(auto role, role_in(role_text));
    return context.office_users.add(id, name, role);
}

// {"role"?, "status"?}
cloudsign::Result<OfficeUser> change(Context& context,
                                     const http::Request& request,
                                     std::string_view id) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto role_text, optional_text_member(body, "role", 16));
    TRY_ASSIGN(auto status_text, optional_text_member(body, "status", 16));
    std::optional<OfficeRole> role;
    if (!role_text.empty()) {
        TRY_ASSIGN(role, role_in(role_text));
    }
    std::optional<OfficeStatus> status;
    if (!status_text.empty()) {
        if (status_text != "active" && status_text != "disabled") {
            return Error{ErrorKind::invalid, "status must be active or disabled"};
        }
        status = status_text == "active" ? OfficeStatus::active : OfficeStatus::disabled;
    }
    return context.office_users.change(std::string(id), role, status);
}

// {"new_keys"?}: true ends the passkeys that there are.
cloudsign::Result<cloudsign::login::LoginInvited> invite(Context& context,
                                                         const http::Request& request,
                                                         std::string_view id) {
    using Keys = cloudsign::login::LoginService::Keys;
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto ends, bool_member(body, "new_keys"));
    const auto user = context.office_users.find(std::string(id));
    if (user && user->status != OfficeStatus::active) {
        return Error{
            ErrorKind::conflict,
            "the user is disabled; kyso office set " + user->id + " --status active first"};
    }
    return context.office_logins.invite(std::string(id), ends ? Keys::ended : Keys::kept);
}

}  // namespace

http::Outcome add_office_user(Context& context,
                              const http::Request& request,
                              const http::PathParameters&) {
    const auto user = add(context, request);
    return user ? http::json(200, user_json(*user)) : error_response(user.error());
}

http::Outcome list_office_users(Context& context,
                                const http::Request&,
                                const http::PathParameters&) {
    const auto users = context.office_users.all();
    if (!users) {
        return error_response(users.error());
    }
    boost::json::array list;
    for (const auto& user : *users) {
        list.push_back(user_json(user));
    }
    return http::json(200, {{"users", std::move(list)}});
}

http::Outcome change_office_user(Context& context,
                                 const http::Request& request,
                                 const http::PathParameters& parameters) {
    const auto user = change(context, request, parameters.id);
    return user ? http::json(200, user_json(*user)) : error_response(user.error());
}

http::Outcome invite_office_user(Context& context,
                                 const http::Request& request,
                                 const http::PathParameters& parameters) {
    const auto invited = invite(context, request, parameters.id);
    if (!invited) {
        return error_response(invited.error());
    }
    return http::json(200,
                      {{"link", context.urls.office + "/register#" + invited->invitation},
                       {"expires_at", invited->expires_at}});
}

}  // namespace server::api::admin
