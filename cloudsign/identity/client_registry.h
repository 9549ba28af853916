#pragma once

#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::identity {

// The appliance's own signing portal, as a client.
inline constexpr std::string_view portal_client_id = "portal";

struct NewClient {
    std::string client_id;
    std::string client_secret;  // shown once: only its hash is stored
};

// The portals. Any thread.
class ClientRegistry {
public:
    ClientRegistry(store::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}

    // For whichever signer, those to come included. `invalid` for a name that is empty, over 255
    // bytes or not clean UTF-8.
    Result<NewClient> add_for_all(const std::string& name);
    // `not_found` when one of the signers is unknown.
    Result<NewClient> add_for(const std::string& name, const std::vector<std::string>& signers);

    // The appliance's own signing portal: a public client for all signers, made when there is none,
    // whose people come back to `redirect_uri` and nowhere else (empty: to none; none is made).
    // What the operator has set otherwise for it, its status included, stays. `invalid` for what is
    // no redirect URI.
    Result<void> keep_portal(const std::string& redirect_uri);

    // `unauthenticated` for an unknown or disabled client and for a wrong secret alike, at the
    // same cost: some 30 ms.
    Result<store::Client> authenticate(const std::string& client_id, std::string_view secret);

    using Pointer = std::shared_ptr<const store::Client>;

    // `not_found`.
    Result<Pointer> find(const std::string& client_id);
    // `not_found`.
    Result<void> set_status(const std::string& client_id, store::ClientStatus status);
    // `not_found` for the client or for a setting of that name, `invalid` for its value; all of
    // them or none. Another way to authenticate ends the refresh tokens that were got in the first.
    struct Change {
        std::string name;
        std::string value;
    };
    Result<store::ClientSettings> change_settings(const std::string& client_id,
                                                  const std::vector<Change>& changes);
    // Ordered by id.
    Result<std::vector<store::Client>> all();
    // A new secret in place of the old one, and of the refresh tokens that were got under it.
    Result<std::string> renew_secret(const std::string& client_id);

    // `forbidden` unless the client is active and may ask this signer; `credential_locked` when it
    // may, but the signer is frozen.
    Result<void> check_may_ask(const std::string& client_id, const std::string& signer_id);

private:
    enum class Reach { all_signers, named_signers };
    Result<NewClient> add(const std::string& name,
                          Reach reach,
                          const std::vector<std::string>& signers);

    store::Database& database_;
    const Clock& clock_;
};

}  // namespace cloudsign::identity
