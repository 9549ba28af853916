#include "cloudsign/store/credential_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct Insert final : Statement<Nothing, Credential> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Credential>()) {}
};
struct ById final : Statement<Credential, std::string> {
    explicit ById(Session& session)
        : Statement(session, select_sql<Credential>("WHERE id = :id")) {}
};
struct OfSigner final : Statement<Credential, std::string> {
    explicit OfSigner(Session& session)
        : Statement(
              session,
              select_sql<Credential>("WHERE signer_id = :signer_id ORDER BY created_at, id")) {}
};
struct OfKind final : Statement<Credential, CredentialOwner> {
    explicit OfKind(Session& session)
        : Statement(
              session,
              select_sql<Credential>("WHERE owner_kind = :owner_kind ORDER BY created_at, id")) {}
};
struct Ending final : Statement<Credential, std::int64_t, std::int64_t, std::uint32_t> {
    explicit Ending(Session& session)
        : Statement(session,
                    select_sql<Credential>("WHERE valid_to > :from_time AND valid_to <= :until AND "
                                           "status IN ('enabled', 'disabled') "
                                           "ORDER BY valid_to, id LIMIT :count")) {}
};
struct ByKeyId final : Statement<Credential, hsm::Digest> {
    explicit ByKeyId(Session& session)
        : Statement(session, select_sql<Credential>("WHERE key_id = :key_id")) {}
};
struct ToRemind final : Statement<Credential, std::int64_t, std::int64_t, std::uint32_t> {
    explicit ToRemind(Session& session)
        : Statement(
              session,
              select_sql<Credential>(
                  "WHERE valid_to > :from_time AND valid_to <= :until AND status = 'enabled' AND "
                  "EXISTS (SELECT 1 FROM signers WHERE signers.id = credentials.signer_id AND "
                  "signers.email IS NOT NULL) AND "
                  "NOT EXISTS (SELECT 1 FROM certificate_events WHERE "
                  "certificate_events.serial_number = credentials.serial_number AND "
                  "certificate_events.kind = 'reminded') ORDER BY valid_to, id LIMIT :count")) {}
};
struct Update final : Statement<Nothing,
                                CredentialStatus,
                                std::string,
                                std::optional<hsm::Digest>,
                                std::uint32_t,
                                std::optional<Bytes>,
                                std::optional<Bytes>,
                                std::optional<std::string>,
                                std::optional<std::string>,
                                std::optional<std::int64_t>,
                                std::optional<std::int64_t>,
                                std::string,
                                CredentialStatus> {
    explicit Update(Session& session)
        : Statement(session,
                    "UPDATE credentials SET status = :status, description = :description, "
                    "key_id = :key_id, version = :version, blob = :blob, "
                    "certificate = :certificate, issuer_id = :issuer_id, "
                    "serial_number = :serial_number, valid_from = :valid_from, "
                    "valid_to = :valid_to WHERE id = :id AND status = :was") {}
};
struct InsertInvitation final : Statement<Nothing, Invitation> {
    explicit InsertInvitation(Session& session) : Statement(session, insert_sql<Invitation>()) {}
};
struct InvitationByHash final : Statement<Invitation, hsm::Digest> {
    explicit InvitationByHash(Session& session)
        : Statement(session, select_sql<Invitation>("WHERE token_hash = :token_hash")) {}
};
struct UseInvitation final : Statement<Nothing, std::int64_t, hsm::Digest, std::int64_t> {
    explicit UseInvitation(Session& session)
        : Statement(session,
                    "UPDATE invitations SET used_at = :used_at WHERE token_hash = :token_hash "
                    "AND used_at IS NULL AND expires_at > :now") {}
};

}  // namespace

Result<void> CredentialTable::insert(const Credential& credential) {
    return done(session_.prepared<Insert>().run(credential));
}

Result<std::optional<Credential>> CredentialTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::optional<Credential>> CredentialTable::by_key_id(const hsm::Digest& key_id) {
    return session_.prepared<ByKeyId>().one(key_id);
}

Result<std::vector<Credential>> CredentialTable::of_signer(const std::string& signer_id) {
    return session_.prepared<OfSigner>().all(signer_id);
}

Result<std::vector<Credential>> CredentialTable::of_kind(CredentialOwner kind) {
    return session_.prepared<OfKind>().all(kind);
}

Result<std::vector<Credential>> CredentialTable::ending(std::int64_t from,
                                                        std::int64_t until,
                                                        std::uint32_t limit) {
    return session_.prepared<Ending>().all(from, until, limit);
}

Result<std::vector<Credential>> CredentialTable::to_remind(std::int64_t from,
                                                           std::int64_t until,
                                                           std::uint32_t limit) {
    return session_.prepared<ToRemind>().all(from, until, limit);
}

Result<bool> CredentialTable::update(const Credential& credential, CredentialStatus from) {
    session_.touch(RowKind::credential);
    return hit(session_.prepared<Update>().run(credential.status,
                                               credential.description,
                                               credential.key_id,
                                               credential.version,
                                               credential.blob,
                                               credential.certificate,
                                               credential.issuer_id,
                                               credential.serial_number,
                                               credential.valid_from,
                                               credential.valid_to,
                                               credential.id,
                                               from));
}

Result<void> CredentialTable::insert_invitation(const Invitation& invitation) {
    return done(session_.prepared<InsertInvitation>().run(invitation));
}

Result<std::optional<Invitation>> CredentialTable::invitation(const hsm::Digest& token_hash) {
    return session_.prepared<InvitationByHash>().one(token_hash);
}

Result<bool> CredentialTable::use_invitation(const hsm::Digest& token_hash, std::int64_t now) {
    return hit(session_.prepared<UseInvitation>().run(now, token_hash, now));
}

}  // namespace cloudsign::store
