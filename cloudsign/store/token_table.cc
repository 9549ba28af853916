#include "cloudsign/store/token_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Words<TokenType> {
    static constexpr std::array list = {"Bearer", "SAD"};
};

template <>
struct Words<GrantOrigin> {
    static constexpr std::array list = {"authorization", "login", "rssp"};
};

template <>
struct Columns<GrantRow> {
    static constexpr const char* table = "grants";
    static constexpr auto list =
        std::tuple(Column{"id", &GrantRow::id},
                   Column{"client_id", &GrantRow::client_id},
                   Column{"signer_id", &GrantRow::signer_id},
                   Column{"scope", &GrantRow::scope},
                   Column{"transaction_id", &GrantRow::transaction_id},
                   Column{"token_type", &GrantRow::token_type},
                   Column{"authorization_details", &GrantRow::authorization_details},
                   Column{"refresh", &GrantRow::refresh},
                   Column{"access_until", &GrantRow::access_until},
                   Column{"expires_at", &GrantRow::expires_at},
                   Column{"revoked", &GrantRow::revoked},
                   Column{"origin", &GrantRow::origin});
};

template <>
struct Columns<AuthorizationCodeRow> {
    static constexpr const char* table = "authorization_codes";
    static constexpr auto list =
        std::tuple(Column{"code_hash", &AuthorizationCodeRow::code_hash},
                   Column{"grant_id", &AuthorizationCodeRow::grant_id},
                   Column{"redirect_uri", &AuthorizationCodeRow::redirect_uri},
                   Column{"code_challenge", &AuthorizationCodeRow::code_challenge},
                   Column{"key_thumbprint", &AuthorizationCodeRow::key_thumbprint},
                   Column{"expires_at", &AuthorizationCodeRow::expires_at},
                   Column{"used", &AuthorizationCodeRow::used});
};

template <>
struct Columns<RefreshTokenRow> {
    static constexpr const char* table = "refresh_tokens";
    static constexpr auto list =
        std::tuple(Column{"token_hash", &RefreshTokenRow::token_hash},
                   Column{"grant_id", &RefreshTokenRow::grant_id},
                   Column{"used", &RefreshTokenRow::used},
                   Column{"proof_version", &RefreshTokenRow::proof_version});
};

namespace {

template <class Row>
struct Insert final : Statement<Nothing, Row> {
    explicit Insert(Session& session) : Statement<Nothing, Row>(session, insert_sql<Row>()) {}
};
struct GrantById final : Statement<GrantRow, std::string> {
    explicit GrantById(Session& session)
        : Statement(session, select_sql<GrantRow>("WHERE id = :id")) {}
};
struct RevokeGrant final : Statement<Nothing, std::string> {
    explicit RevokeGrant(Session& session)
        : Statement(session, "UPDATE grants SET revoked = 1 WHERE id = :id") {}
};
struct LoginGrants final : Statement<std::string, std::string, std::string> {
    explicit LoginGrants(Session& session)
        : Statement(session,
                    "SELECT id FROM grants WHERE client_id = :client_id "
                    "AND signer_id = :signer_id AND origin = 'login' AND revoked = 0") {}
};
struct CodeByHash final : Statement<AuthorizationCodeRow, hsm::Digest> {
    explicit CodeByHash(Session& session)
        : Statement(session, select_sql<AuthorizationCodeRow>("WHERE code_hash = :code_hash")) {}
};
struct UseCode final : Statement<Nothing, hsm::Digest> {
    explicit UseCode(Session& session)
        : Statement(session,
                    "UPDATE authorization_codes SET used = 1 "
                    "WHERE code_hash = :code_hash AND used = 0") {}
};
struct RefreshByHash final : Statement<RefreshTokenRow, hsm::Digest> {
    explicit RefreshByHash(Session& session)
        : Statement(session, select_sql<RefreshTokenRow>("WHERE token_hash = :token_hash")) {}
};
struct UseRefresh final : Statement<Nothing, hsm::Digest> {
    explicit UseRefresh(Session& session)
        : Statement(session,
                    "UPDATE refresh_tokens SET used = 1 "
                    "WHERE token_hash = :token_hash AND used = 0") {}
};
struct Revoke final : Statement<Nothing, std::string, std::int64_t> {
    explicit Revoke(Session& session)
        : Statement(session,
                    "INSERT INTO revocations (id, expires_at) VALUES (:id, :expires_at) "
                    "ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at "
                    "WHERE excluded.expires_at > revocations.expires_at") {}
};
struct Revoked final : Statement<std::string, std::uint32_t> {
    explicit Revoked(Session& session)
        : Statement(session, "SELECT id FROM revocations LIMIT :limit") {}
};
struct IsRevoked final : Statement<std::int64_t, std::string> {
    explicit IsRevoked(Session& session)
        : Statement(session, "SELECT COUNT(*) FROM revocations WHERE id = :id") {}
};
struct UseAssertion final : Statement<Nothing, hsm::Digest, std::int64_t> {
    explicit UseAssertion(Session& session)
        : Statement(session,
                    "INSERT INTO client_assertions (assertion_hash, expires_at) "
                    "VALUES (:assertion_hash, :expires_at) ON CONFLICT DO NOTHING") {}
};
// Codes and refresh tokens go with their grant.
struct DeleteGrants final : Statement<Nothing, std::int64_t> {
    explicit DeleteGrants(Session& session)
        : Statement(session, "DELETE FROM grants WHERE expires_at <= :now") {}
};
struct DeleteRevocations final : Statement<Nothing, std::int64_t> {
    explicit DeleteRevocations(Session& session)
        : Statement(session, "DELETE FROM revocations WHERE expires_at <= :now") {}
};
struct DeleteAssertions final : Statement<Nothing, std::int64_t> {
    explicit DeleteAssertions(Session& session)
        : Statement(session, "DELETE FROM client_assertions WHERE expires_at <= :now") {}
};

}  // namespace

Result<void> TokenTable::insert(const GrantRow& grant) {
    return done(session_.prepared<Insert<GrantRow>>().run(grant));
}

Result<std::optional<GrantRow>> TokenTable::grant(const std::string& id) {
    return session_.prepared<GrantById>().one(id);
}

Result<bool> TokenTable::revoke_grant(const std::string& id) {
    return hit(session_.prepared<RevokeGrant>().run(id));
}

Result<std::vector<std::string>> TokenTable::login_grants(const std::string& client_id,
                                                          const std::string& signer_id) {
    return session_.prepared<LoginGrants>().all(client_id, signer_id);
}

Result<void> TokenTable::insert(const AuthorizationCodeRow& code) {
    return done(session_.prepared<Insert<AuthorizationCodeRow>>().run(code));
}

Result<std::optional<AuthorizationCodeRow>> TokenTable::code(const hsm::Digest& code_hash) {
    return session_.prepared<CodeByHash>().one(code_hash);
}

Result<bool> TokenTable::use_code(const hsm::Digest& code_hash) {
    return hit(session_.prepared<UseCode>().run(code_hash));
}

Result<void> TokenTable::insert(const RefreshTokenRow& token) {
    return done(session_.prepared<Insert<RefreshTokenRow>>().run(token));
}

Result<std::optional<RefreshTokenRow>> TokenTable::refresh_token(const hsm::Digest& token_hash) {
    return session_.prepared<RefreshByHash>().one(token_hash);
}

Result<bool> TokenTable::use_refresh_token(const hsm::Digest& token_hash) {
    return hit(session_.prepared<UseRefresh>().run(token_hash));
}

Result<void> TokenTable::revoke(const std::string& id, std::int64_t expires_at) {
    return done(session_.prepared<Revoke>().run(id, expires_at));
}

Result<std::vector<std::string>> TokenTable::revoked(std::uint32_t limit) {
    return session_.prepared<Revoked>().all(limit);
}

Result<bool> TokenTable::is_revoked(const std::string& id) {
    TRY_ASSIGN(auto count, session_.prepared<IsRevoked>().one(id));
    return count.value_or(0) > 0;
}

Result<bool> TokenTable::use_assertion(const hsm::Digest& assertion_hash, std::int64_t expires_at) {
    return hit(session_.prepared<UseAssertion>().run(assertion_hash, expires_at));
}

Result<void> TokenTable::delete_expired(std::int64_t now, std::int64_t grants_kept_ms) {
    TRY(done(session_.prepared<DeleteGrants>().run(now - grants_kept_ms)));
    TRY(done(session_.prepared<DeleteRevocations>().run(now)));
    return done(session_.prepared<DeleteAssertions>().run(now));
}

}  // namespace cloudsign::store
