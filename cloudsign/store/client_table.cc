#include "cloudsign/store/client_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct Insert final : Statement<Nothing, Client> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Client>()) {}
};
struct ById final : Statement<Client, std::string> {
    explicit ById(Session& session) : Statement(session, select_sql<Client>("WHERE id = :id")) {}
};
struct All final : Statement<Client> {
    explicit All(Session& session) : Statement(session, select_sql<Client>("ORDER BY id")) {}
};
struct SetStatus final : Statement<Nothing, ClientStatus, std::string> {
    explicit SetStatus(Session& session)
        : Statement(session, "UPDATE clients SET status = :status WHERE id = :id") {}
};
struct SetSettings final : Statement<Nothing, ClientSettings, std::string> {
    explicit SetSettings(Session& session)
        : Statement(session, "UPDATE clients SET settings = :settings WHERE id = :id") {}
};
struct SetSecret final : Statement<Nothing, std::string, hsm::Digest, std::string> {
    explicit SetSecret(Session& session)
        : Statement(session,
                    "UPDATE clients SET secret_hash = :secret_hash, "
                    "account_token_key = :account_token_key, "
                    "proof_version = proof_version + 1 WHERE id = :id") {}
};
struct EndProof final : Statement<Nothing, std::string> {
    explicit EndProof(Session& session)
        : Statement(session,
                    "UPDATE clients SET proof_version = proof_version + 1 WHERE id = :id") {}
};
struct Allow final : Statement<Nothing, std::string, std::string> {
    explicit Allow(Session& session)
        : Statement(session,
                    "INSERT INTO client_signers (client_id, signer_id) "
                    "VALUES (:client_id, :signer_id) ON CONFLICT DO NOTHING") {}
};
struct IsAllowed final : Statement<std::int64_t, std::string, std::string> {
    explicit IsAllowed(Session& session)
        : Statement(session,
                    "SELECT COUNT(*) FROM client_signers "
                    "WHERE client_id = :client_id AND signer_id = :signer_id") {}
};

}  // namespace

Result<void> ClientTable::insert(const Client& client) {
    return done(session_.prepared<Insert>().run(client));
}

Result<std::optional<Client>> ClientTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::vector<Client>> ClientTable::all() {
    return session_.prepared<All>().all();
}

Result<bool> ClientTable::set_status(const std::string& id, ClientStatus status) {
    session_.touch(RowKind::client);
    return hit(session_.prepared<SetStatus>().run(status, id));
}

Result<bool> ClientTable::set_settings(const std::string& id, const ClientSettings& settings) {
    session_.touch(RowKind::client);
    return hit(session_.prepared<SetSettings>().run(settings, id));
}

Result<bool> ClientTable::set_secret(const std::string& id,
                                     const std::string& secret_hash,
                                     const hsm::Digest& account_token_key) {
    session_.touch(RowKind::client);
    return hit(session_.prepared<SetSecret>().run(secret_hash, account_token_key, id));
}

Result<bool> ClientTable::end_proof(const std::string& id) {
    session_.touch(RowKind::client);
    return hit(session_.prepared<EndProof>().run(id));
}

Result<void> ClientTable::allow(const std::string& client_id, const std::string& signer_id) {
    return done(session_.prepared<Allow>().run(client_id, signer_id));
}

Result<bool> ClientTable::is_allowed(const std::string& client_id, const std::string& signer_id) {
    TRY_ASSIGN(auto count, session_.prepared<IsAllowed>().one(client_id, signer_id));
    return count.value_or(0) > 0;
}

}  // namespace cloudsign::store
