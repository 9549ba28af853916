#pragma once

#include "cloudsign/error.h"
#include "cloudsign/store/login_rows.h"

namespace cloudsign::store {

class Session;

// Authorization requests: pushed by a client, or under way in a browser. Errors as ClientTable's.
class AuthorizationTable {
public:
    explicit AuthorizationTable(Session& session) : session_(session) {}

    Result<void> insert(const PushedRequest& pushed);
    Result<std::optional<PushedRequest>> pushed(const hsm::Digest& uri_hash);
    // False when it is gone: somebody else took it.
    Result<bool> erase_pushed(const hsm::Digest& uri_hash);

    Result<void> insert(const Authorization& authorization);
    Result<std::optional<Authorization>> by_id(const hsm::Digest& id_hash);
    // Unless it has led to a signing.
    Result<void> erase_unstarted(const hsm::Digest& id_hash);
    Result<bool> set_challenge(const hsm::Digest& id_hash, const hsm::Digest& challenge);
    // False when it is not the challenge any more: it has been answered.
    Result<bool> take_challenge(const hsm::Digest& id_hash, const hsm::Digest& challenge);
    // Whether this is the signing that it began: false when it had begun one, or is finished.
    Result<bool> begin(const hsm::Digest& id_hash,
                       const std::string& signer_id,
                       const std::string& transaction_id,
                       std::int64_t expires_at);
    // False when it was finished before.
    Result<bool> finish(const hsm::Digest& id_hash);
    // Those of both kinds whose time is over.
    Result<void> erase_expired(std::int64_t now);

private:
    Session& session_;
};

}  // namespace cloudsign::store
