#pragma once

#include <string>
#include <string_view>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/identity/login_guard.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::identity {

struct NewLogin {
    std::string name;
    std::string password;  // shown once: only its hash is stored
};

// Names and passwords with which a portal logs in for one person (CSC v1 auth/login): what the
// person gives to that portal, good for asking and for nothing else. One for each client and
// signer. Any thread.
class ApplicationLogins {
public:
    ApplicationLogins(store::Database& database, const Clock& clock, LoginGuard& guard)
        : database_(database), clock_(clock), guard_(guard) {}

    // The login, or a new password for it. `not_found` for an unknown client or signer.
    Result<NewLogin> renew(const std::string& client_id, const std::string& signer_id);

    // `unauthenticated` for an unknown name and for a wrong password alike, at the same cost: some
    // 30 ms; `conflict` for the wrong one that has whoever guesses paused, `busy` from then
    // on.
    Result<store::ApplicationLogin> authenticate(const std::string& name,
                                                 std::string_view password,
                                                 const std::string& peer);

    // Names of ours begin so, and no client's id does.
    static constexpr std::string_view prefix = "login_";

private:
    store::Database& database_;
    const Clock& clock_;
    LoginGuard& guard_;
};

}  // namespace cloudsign::identity
