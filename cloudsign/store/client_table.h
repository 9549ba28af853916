#pragma once

#include <string_view>
#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::store {

class Session;

// Portals, and which signers each may ask. What every table here answers with: `conflict` for a
// key that exists or a row that others refer to, `unavailable` when the database cannot be used
// now, `internal` for everything else, a row that does not decode included. A closure given to
// Database::write leaves with that error: its part of the commit is rolled back.
class ClientTable {
public:
    explicit ClientTable(Session& session) : session_(session) {}

    Result<void> insert(const Client& client);
    Result<std::optional<Client>> by_id(const std::string& id);
    Result<std::vector<Client>> all();
    // Whether there was such a client.
    Result<bool> set_status(const std::string& id, ClientStatus status);
    Result<bool> set_settings(const std::string& id, const ClientSettings& settings);
    Result<bool> set_secret(const std::string& id,
                            const std::string& secret_hash,
                            const hsm::Digest& account_token_key);
    // Another proof_version; set_secret() counts by itself.
    Result<bool> end_proof(const std::string& id);

    // For a client without `all_signers`. Allowing twice is no error.
    Result<void> allow(const std::string& client_id, const std::string& signer_id);
    // Whether this very signer was allowed to it. What follows from that, all_signers and both
    // statuses, is ClientRegistry's to say.
    Result<bool> is_allowed(const std::string& client_id, const std::string& signer_id);

private:
    Session& session_;
};

}  // namespace cloudsign::store
