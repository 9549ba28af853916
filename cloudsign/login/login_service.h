#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/login/registration.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/login_rows.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::login {

struct LoginInvited {
    std::string invitation;  // 256 random bits, base64url: shown once
    std::int64_t expires_at = 0;
};

// What navigator.credentials.create() is to be called with.
struct RegistrationOffer {
    std::string owner_id;
    std::string owner_name;
    hsm::Digest user_handle{};  // the same for all passkeys of one person, and says nothing of them
    hsm::Digest challenge{};
    std::vector<Bytes> registered;  // credential ids that need no second passkey
};

// An assertion of navigator.credentials.get(), as a browser sends it.
struct SentLogin {
    Bytes credential_id;
    Bytes authenticator_data;
    Bytes client_data_json;
    Bytes signature;
};

// Who sits at a browser: a signer at the login host, somebody of the office at the office's.
// Signing in opens a session and approves nothing: these passkeys live under other rpIds than those
// that activate keys, and what one site has made opens nothing at the other. Any thread; a call may
// park.
class LoginService {
public:
    static constexpr std::int64_t session_lifetime_ms = 15 * 60 * 1000;
    static constexpr std::int64_t invitation_lifetime_ms = 24ll * 3600 * 1000;
    // A working day at most, and a quarter of an hour away from the desk.
    static constexpr std::int64_t office_lifetime_ms = 8ll * 3600 * 1000;
    static constexpr std::int64_t office_idle_ms = 15 * 60 * 1000;

    LoginService(store::Database& database,
                 const Clock& clock,
                 Site site,
                 store::LoginSite whose = store::LoginSite::login)
        : database_(database), clock_(clock), site_(std::move(site)), whose_(whose) {}

    const Site& site() const { return site_; }

    // The secret of the link by which the person makes a passkey. `not_found` for an unknown one.
    // With Keys::ended those that they have are gone, and with them what these opened.
    enum class Keys { kept, ended };
    Result<LoginInvited> invite(const std::string& owner_id, Keys keys = Keys::kept);
    // `not_found` for an invitation that is unknown, used or expired. Each call has a challenge of
    // its own, and the last one counts.
    Result<RegistrationOffer> begin_registration(const std::string& invitation);
    // Uses the invitation up. `assertion_refused` with what is wrong, `conflict` for a passkey that
    // is known, and for the key of an approval passkey.
    Result<void> register_passkey(const std::string& invitation,
                                  hsm::ByteView authenticator_data,
                                  hsm::ByteView client_data_json,
                                  const std::string& name);

    // A session of the passkey's owner for an answer to this challenge, if `take`, in the same
    // commit, says that nobody has answered it before. Answers the session's secret.
    // `assertion_refused`, with no word on which part was wrong.
    using Take = std::function<Result<bool>(store::Session&)>;
    Result<std::string> sign_in(const hsm::Digest& challenge,
                                const SentLogin& sent,
                                const Take& take);
    // The same for the challenge of an authorization.
    Result<std::string> sign_in(const store::Authorization& authorization, const SentLogin& sent);

    // The session, if it lives and its owner is active; `unauthenticated`. With Standing::any also
    // that of a signer who has been frozen since: to say what became of what they began.
    enum class Standing { active, any };
    Result<store::LoginSession> session(std::string_view secret,
                                        Standing standing = Standing::active);
    Result<void> sign_out(std::string_view secret);

private:
    struct Owner {
        std::string name;
        bool is_active = false;
    };
    Result<std::optional<Owner>> owner(store::Session& session, const std::string& id);
    Result<store::LoginInvitation> open_invitation(store::Session& session,
                                                   const hsm::Digest& token_hash);
    Result<store::LoginPasskey> check(const hsm::Digest& challenge, const SentLogin& sent);
    bool is_over(const store::LoginSession& found, std::int64_t now) const;

    store::Database& database_;
    const Clock& clock_;
    const Site site_;
    const store::LoginSite whose_;
};

}  // namespace cloudsign::login
