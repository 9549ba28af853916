#pragma once

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::store {

class Session;

// Key blobs with their certificates and owners, and the invitations to enrol them. Errors as
// ClientTable's.
class CredentialTable {
public:
    explicit CredentialTable(Session& session) : session_(session) {}

    Result<void> insert(const Credential& credential);
    Result<std::optional<Credential>> by_id(const std::string& id);
    // A key's own.
    Result<std::optional<Credential>> by_key_id(const hsm::Digest& key_id);
    // Oldest first.
    Result<std::vector<Credential>> of_signer(const std::string& signer_id);
    Result<std::vector<Credential>> of_kind(CredentialOwner kind);
    // In use or suspended, with a certificate that ends after `from` and not after `until`: those
    // that end first come first, at most `limit`.
    Result<std::vector<Credential>> ending(std::int64_t from,
                                           std::int64_t until,
                                           std::uint32_t limit);
    // Of these the signers' that sign and have an address, whose certificate's end nobody was
    // reminded of yet.
    Result<std::vector<Credential>> to_remind(std::int64_t from,
                                              std::int64_t until,
                                              std::uint32_t limit);
    // Writes everything but id, owner, key type, profile and creation time, if the row is still in
    // status `from`; false if it is not.
    Result<bool> update(const Credential& credential, CredentialStatus from);

    Result<void> insert_invitation(const Invitation& invitation);
    Result<std::optional<Invitation>> invitation(const hsm::Digest& token_hash);
    // False when it was used before, has expired or does not exist.
    Result<bool> use_invitation(const hsm::Digest& token_hash, std::int64_t now);

private:
    Session& session_;
};

}  // namespace cloudsign::store
