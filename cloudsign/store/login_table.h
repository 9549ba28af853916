#pragma once

#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/store/login_rows.h"

namespace cloudsign::store {

class Session;

// Sign-in: passkeys, the invitations that make them, and the sessions that they open. Errors as
// ClientTable's.
class LoginTable {
public:
    explicit LoginTable(Session& session) : session_(session) {}

    Result<void> insert(const LoginPasskey& passkey);
    Result<std::optional<LoginPasskey>> passkey(const hsm::Digest& credential_hash);
    // Oldest first.
    Result<std::vector<LoginPasskey>> passkeys_of(LoginSite site, const std::string& owner_id);
    Result<bool> use_passkey(const hsm::Digest& credential_hash,
                             std::int64_t sign_count,
                             std::int64_t used_at);

    Result<void> insert(const LoginInvitation& invitation);
    Result<std::optional<LoginInvitation>> invitation(const hsm::Digest& token_hash);
    Result<bool> set_challenge(const hsm::Digest& token_hash, const hsm::Digest& challenge);
    // False when it has been used before.
    Result<bool> use_invitation(const hsm::Digest& token_hash, std::int64_t used_at);

    Result<void> insert(const LoginSession& login);
    Result<std::optional<LoginSession>> session(const hsm::Digest& session_hash);
    Result<bool> see_session(const hsm::Digest& session_hash, std::int64_t seen_at);
    Result<bool> erase_session(const hsm::Digest& session_hash);
    Result<void> erase_expired(std::int64_t now);

    // Every passkey, open invitation and session of this one: they begin anew.
    Result<void> erase_all_of(LoginSite site, const std::string& owner_id);

private:
    Session& session_;
};

}  // namespace cloudsign::store
