#include "cloudsign/store/authorization_table.h"

#include "cloudsign/store/login_columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct InsertPushed final : Statement<Nothing, PushedRequest> {
    explicit InsertPushed(Session& session) : Statement(session, insert_sql<PushedRequest>()) {}
};
struct Pushed final : Statement<PushedRequest, hsm::Digest> {
    explicit Pushed(Session& session)
        : Statement(session, select_sql<PushedRequest>("WHERE uri_hash = :hash")) {}
};
struct ErasePushed final : Statement<Nothing, hsm::Digest> {
    explicit ErasePushed(Session& session)
        : Statement(session, "DELETE FROM pushed_requests WHERE uri_hash = :hash") {}
};
struct ErasePushedExpired final : Statement<Nothing, std::int64_t> {
    explicit ErasePushedExpired(Session& session)
        : Statement(session, "DELETE FROM pushed_requests WHERE expires_at <= :now") {}
};

struct Insert final : Statement<Nothing, Authorization> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Authorization>()) {}
};
struct ById final : Statement<Authorization, hsm::Digest> {
    explicit ById(Session& session)
        : Statement(session, select_sql<Authorization>("WHERE id_hash = :id")) {}
};
struct EraseUnstarted final : Statement<Nothing, hsm::Digest> {
    explicit EraseUnstarted(Session& session)
        : Statement(session,
                    "DELETE FROM authorizations "
                    "WHERE id_hash = :id AND transaction_id IS NULL") {}
};
struct SetChallenge final : Statement<Nothing, hsm::Digest, hsm::Digest> {
    explicit SetChallenge(Session& session)
        : Statement(session,
                    "UPDATE authorizations SET challenge = :challenge WHERE id_hash = :id") {}
};
struct TakeChallenge final : Statement<Nothing, hsm::Digest, hsm::Digest> {
    explicit TakeChallenge(Session& session)
        : Statement(session,
                    "UPDATE authorizations SET challenge = NULL "
                    "WHERE id_hash = :id AND challenge = :challenge AND finished = 0") {}
};
struct Begin final : Statement<Nothing, std::string, std::string, std::int64_t, hsm::Digest> {
    explicit Begin(Session& session)
        : Statement(session,
                    "UPDATE authorizations SET signer_id = :signer_id, "
                    "transaction_id = :transaction_id, expires_at = :expires_at "
                    "WHERE id_hash = :id AND transaction_id IS NULL AND finished = 0") {}
};
struct Finish final : Statement<Nothing, hsm::Digest> {
    explicit Finish(Session& session)
        : Statement(session,
                    "UPDATE authorizations SET finished = 1 WHERE id_hash = :id AND finished = 0") {
    }
};
struct EraseExpired final : Statement<Nothing, std::int64_t> {
    explicit EraseExpired(Session& session)
        : Statement(session, "DELETE FROM authorizations WHERE expires_at <= :now") {}
};

}  // namespace

Result<void> AuthorizationTable::insert(const PushedRequest& pushed) {
    return done(session_.prepared<InsertPushed>().run(pushed));
}

Result<std::optional<PushedRequest>> AuthorizationTable::pushed(const hsm::Digest& uri_hash) {
    return session_.prepared<Pushed>().one(uri_hash);
}

Result<bool> AuthorizationTable::erase_pushed(const hsm::Digest& uri_hash) {
    return hit(session_.prepared<ErasePushed>().run(uri_hash));
}

Result<void> AuthorizationTable::insert(const Authorization& authorization) {
    return done(session_.prepared<Insert>().run(authorization));
}

Result<std::optional<Authorization>> AuthorizationTable::by_id(const hsm::Digest& id_hash) {
    return session_.prepared<ById>().one(id_hash);
}

Result<void> AuthorizationTable::erase_unstarted(const hsm::Digest& id_hash) {
    return done(session_.prepared<EraseUnstarted>().run(id_hash));
}

Result<bool> AuthorizationTable::set_challenge(const hsm::Digest& id_hash,
                                               const hsm::Digest& challenge) {
    return hit(session_.prepared<SetChallenge>().run(challenge, id_hash));
}

Result<bool> AuthorizationTable::take_challenge(const hsm::Digest& id_hash,
                                                const hsm::Digest& challenge) {
    return hit(session_.prepared<TakeChallenge>().run(id_hash, challenge));
}

Result<bool> AuthorizationTable::begin(const hsm::Digest& id_hash,
                                       const std::string& signer_id,
                                       const std::string& transaction_id,
                                       std::int64_t expires_at) {
    return hit(session_.prepared<Begin>().run(signer_id, transaction_id, expires_at, id_hash));
}

Result<bool> AuthorizationTable::finish(const hsm::Digest& id_hash) {
    return hit(session_.prepared<Finish>().run(id_hash));
}

Result<void> AuthorizationTable::erase_expired(std::int64_t now) {
    TRY(session_.prepared<ErasePushedExpired>().run(now));
    return done(session_.prepared<EraseExpired>().run(now));
}

}  // namespace cloudsign::store
