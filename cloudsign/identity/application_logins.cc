#include "cloudsign/identity/application_logins.h"

#include "cloudsign/identity/client_secret.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/store/application_login_table.h"

namespace cloudsign::identity {

using store::ApplicationLoginTable;
using store::Session;

Result<NewLogin> ApplicationLogins::renew(const std::string& client_id,
                                          const std::string& signer_id) {
    TRY_ASSIGN(auto client, database_.client(client_id));
    TRY_ASSIGN(auto signer, database_.signer(signer_id));
    if (!client) {
        return Error{ErrorKind::not_found, "no such client"};
    }
    if (!signer) {
        return Error{ErrorKind::not_found, "no such signer: " + signer_id};
    }
    NewLogin made{"", new_client_secret()};
    const auto hash = hash_client_secret(made.password);
    TRY_ASSIGN(made.name, database_.write([&](Session& session) -> Result<std::string> {
        ApplicationLoginTable logins(session);
        TRY_ASSIGN(auto known, logins.of(client_id, signer_id));
        if (known) {
            TRY(logins.set_password(known->id, hash));
            return known->id;
        }
        store::ApplicationLogin login;
        login.id = new_id("login");
        login.client_id = client_id;
        login.signer_id = signer_id;
        login.password_hash = hash;
        login.created_at = clock_.now_ms();
        TRY(logins.insert(login));
        return login.id;
    }));
    return made;
}

Result<store::ApplicationLogin> ApplicationLogins::authenticate(const std::string& name,
                                                                std::string_view password,
                                                                const std::string& peer) {
    TRY(guard_.check(name, peer));
    TRY_ASSIGN(auto login, database_.read([&](Session& session) {
        return ApplicationLoginTable(session).by_id(name);
    }));
    const auto check =
        check_client_secret(password, login ? login->password_hash : decoy_secret_hash());
    if (!login || check != SecretCheck::right) {
        const bool paused = guard_.failed(name, peer);
        return Error{paused ? ErrorKind::conflict : ErrorKind::unauthenticated,
                     "unknown name or wrong password",
                     0};
    }
    guard_.succeeded(name, peer);
    return *std::move(login);
}

}  // namespace cloudsign::identity
