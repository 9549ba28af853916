#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cloudsign/bytes.h"
#include "hsm/protocol/types.h"

// The rows of migrations/0008_authorize.sql and 0017_office.sql. Times are milliseconds UTC.
namespace cloudsign::store {

// Where a passkey, an invitation and a session are good: for signers, or for people of the office.
enum class LoginSite { login, office };

struct LoginPasskey {
    hsm::Digest credential_hash{};
    Bytes credential_id;
    LoginSite site = LoginSite::login;
    std::string owner_id;
    std::string name;
    hsm::protocol::Point point{};
    bool backup_eligible = false;
    std::int64_t sign_count = 0;
    std::int64_t created_at = 0;
    std::int64_t last_used_at = 0;
};

struct LoginInvitation {
    hsm::Digest token_hash{};
    LoginSite site = LoginSite::login;
    std::string owner_id;
    std::optional<hsm::Digest> challenge;
    std::int64_t expires_at = 0;
    std::optional<std::int64_t> used_at;
};

struct LoginSession {
    hsm::Digest session_hash{};
    LoginSite site = LoginSite::login;
    std::string owner_id;
    std::int64_t signed_in_at = 0;
    std::int64_t seen_at = 0;
    std::int64_t expires_at = 0;
};

// What somebody of the office may do: change signers, read what happened, or read both.
enum class OfficeRole { registrar, auditor, administrator };
enum class OfficeStatus { active, disabled };
struct OfficeUser {
    std::string id;
    std::string name;
    OfficeRole role = OfficeRole::auditor;
    OfficeStatus status = OfficeStatus::active;
    std::int64_t created_at = 0;
};

struct PushedRequest {
    hsm::Digest uri_hash{};
    std::string client_id;
    std::string parameters;
    std::int64_t expires_at = 0;
};

struct Authorization {
    hsm::Digest id_hash{};
    std::string client_id;
    std::string parameters;
    std::optional<hsm::Digest> challenge;
    std::optional<std::string> signer_id;
    std::optional<std::string> transaction_id;
    std::int64_t created_at = 0;
    std::int64_t expires_at = 0;
    bool finished = false;
};

}  // namespace cloudsign::store
