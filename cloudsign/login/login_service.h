#pragma once

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
    store::Signer signer;
    hsm::Digest user_handle{};  // the same for all passkeys of one signer, and says nothing of them
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

// Who sits at a browser. Signing in opens a session and approves nothing: these passkeys live under
// another rpId than those that activate keys. Any thread; a call may park.
class LoginService {
public:
    static constexpr std::int64_t session_lifetime_ms = 15 * 60 * 1000;
    static constexpr std::int64_t invitation_lifetime_ms = 24ll * 3600 * 1000;

    LoginService(store::Database& database, const Clock& clock, Site site)
        : database_(database), clock_(clock), site_(std::move(site)) {}

    const Site& site() const { return site_; }

    // The secret of the link by which the signer makes a passkey. `not_found` for an unknown
    // signer.
    Result<LoginInvited> invite(const std::string& signer_id);
    // `not_found` for an invitation that is unknown, used or expired. Each call has a challenge of
    // its own, and the last one counts.
    Result<RegistrationOffer> begin_registration(const std::string& invitation);
    // Uses the invitation up. `assertion_refused` with what is wrong, `conflict` for a passkey that
    // is known, and for the key of an approval passkey.
    Result<void> register_passkey(const std::string& invitation,
                                  hsm::ByteView authenticator_data,
                                  hsm::ByteView client_data_json,
                                  const std::string& name);

    // A session of the passkey's signer for an answer to the authorization's challenge, which is
    // used up by it. Answers the session's secret. `assertion_refused`, with no word on which part
    // was wrong.
    Result<std::string> sign_in(const store::Authorization& authorization, const SentLogin& sent);

    // The session, if it lives and its signer is active; `unauthenticated`. With Standing::any also
    // that of a signer who has been frozen since: to say what became of what they began.
    enum class Standing { active, any };
    Result<store::LoginSession> session(std::string_view secret,
                                        Standing standing = Standing::active);
    Result<void> sign_out(std::string_view secret);

private:
    Result<store::LoginInvitation> open_invitation(store::Session& session,
                                                   const hsm::Digest& token_hash);
    Result<store::LoginPasskey> check(const store::Authorization& authorization,
                                      const SentLogin& sent);

    store::Database& database_;
    const Clock& clock_;
    const Site site_;
};

}  // namespace cloudsign::login
