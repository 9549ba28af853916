#pragma once

#include <array>
#include <tuple>

#include "cloudsign/store/cell.h"
#include "cloudsign/store/login_rows.h"

// Which table and columns the rows of login_rows.h are. Inside cloudsign/store only.
namespace cloudsign::store {

template <>
struct Words<LoginSite> {
    static constexpr std::array list = {"login", "office"};
};
template <>
struct Words<OfficeRole> {
    static constexpr std::array list = {"registrar", "auditor", "administrator"};
};
template <>
struct Words<OfficeStatus> {
    static constexpr std::array list = {"active", "disabled"};
};

template <>
struct Columns<OfficeUser> {
    static constexpr const char* table = "office_users";
    static constexpr auto list = std::tuple(Column{"id", &OfficeUser::id},
                                            Column{"name", &OfficeUser::name},
                                            Column{"role", &OfficeUser::role},
                                            Column{"status", &OfficeUser::status},
                                            Column{"created_at", &OfficeUser::created_at});
};

template <>
struct Columns<LoginPasskey> {
    static constexpr const char* table = "login_passkeys";
    static constexpr auto list =
        std::tuple(Column{"credential_hash", &LoginPasskey::credential_hash},
                   Column{"credential_id", &LoginPasskey::credential_id},
                   Column{"site", &LoginPasskey::site},
                   Column{"owner_id", &LoginPasskey::owner_id},
                   Column{"name", &LoginPasskey::name},
                   Column{"point", &LoginPasskey::point},
                   Column{"backup_eligible", &LoginPasskey::backup_eligible},
                   Column{"sign_count", &LoginPasskey::sign_count},
                   Column{"created_at", &LoginPasskey::created_at},
                   Column{"last_used_at", &LoginPasskey::last_used_at});
};

template <>
struct Columns<LoginInvitation> {
    static constexpr const char* table = "login_invitations";
    static constexpr auto list = std::tuple(Column{"token_hash", &LoginInvitation::token_hash},
                                            Column{"site", &LoginInvitation::site},
                                            Column{"owner_id", &LoginInvitation::owner_id},
                                            Column{"challenge", &LoginInvitation::challenge},
                                            Column{"expires_at", &LoginInvitation::expires_at},
                                            Column{"used_at", &LoginInvitation::used_at});
};

template <>
struct Columns<LoginSession> {
    static constexpr const char* table = "login_sessions";
    static constexpr auto list = std::tuple(Column{"session_hash", &LoginSession::session_hash},
                                            Column{"site", &LoginSession::site},
                                            Column{"owner_id", &LoginSession::owner_id},
                                            Column{"signed_in_at", &LoginSession::signed_in_at},
                                            Column{"seen_at", &LoginSession::seen_at},
                                            Column{"expires_at", &LoginSession::expires_at});
};

template <>
struct Columns<PushedRequest> {
    static constexpr const char* table = "pushed_requests";
    static constexpr auto list = std::tuple(Column{"uri_hash", &PushedRequest::uri_hash},
                                            Column{"client_id", &PushedRequest::client_id},
                                            Column{"parameters", &PushedRequest::parameters},
                                            Column{"expires_at", &PushedRequest::expires_at});
};

template <>
struct Columns<Authorization> {
    static constexpr const char* table = "authorizations";
    static constexpr auto list =
        std::tuple(Column{"id_hash", &Authorization::id_hash},
                   Column{"client_id", &Authorization::client_id},
                   Column{"parameters", &Authorization::parameters},
                   Column{"challenge", &Authorization::challenge},
                   Column{"signer_id", &Authorization::signer_id},
                   Column{"transaction_id", &Authorization::transaction_id},
                   Column{"created_at", &Authorization::created_at},
                   Column{"expires_at", &Authorization::expires_at},
                   Column{"finished", &Authorization::finished});
};

}  // namespace cloudsign::store
