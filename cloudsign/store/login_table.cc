#include "cloudsign/store/login_table.h"

#include "cloudsign/store/login_columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct InsertPasskey final : Statement<Nothing, LoginPasskey> {
    explicit InsertPasskey(Session& session) : Statement(session, insert_sql<LoginPasskey>()) {}
};
struct PasskeyOf final : Statement<LoginPasskey, hsm::Digest> {
    explicit PasskeyOf(Session& session)
        : Statement(session, select_sql<LoginPasskey>("WHERE credential_hash = :hash")) {}
};
struct PasskeysOfOwner final : Statement<LoginPasskey, LoginSite, std::string> {
    explicit PasskeysOfOwner(Session& session)
        : Statement(session,
                    select_sql<LoginPasskey>("WHERE site = :site AND owner_id = :owner_id "
                                             "ORDER BY created_at, credential_hash")) {}
};
struct UsePasskey final : Statement<Nothing, std::int64_t, std::int64_t, hsm::Digest> {
    explicit UsePasskey(Session& session)
        : Statement(session,
                    "UPDATE login_passkeys SET sign_count = :sign_count, last_used_at = :used_at "
                    "WHERE credential_hash = :hash") {}
};

struct InsertInvitation final : Statement<Nothing, LoginInvitation> {
    explicit InsertInvitation(Session& session)
        : Statement(session, insert_sql<LoginInvitation>()) {}
};
struct InvitationOf final : Statement<LoginInvitation, hsm::Digest> {
    explicit InvitationOf(Session& session)
        : Statement(session, select_sql<LoginInvitation>("WHERE token_hash = :hash")) {}
};
struct SetChallenge final : Statement<Nothing, hsm::Digest, hsm::Digest> {
    explicit SetChallenge(Session& session)
        : Statement(session,
                    "UPDATE login_invitations SET challenge = :challenge "
                    "WHERE token_hash = :hash AND used_at IS NULL") {}
};
struct UseInvitation final : Statement<Nothing, std::int64_t, hsm::Digest> {
    explicit UseInvitation(Session& session)
        : Statement(session,
                    "UPDATE login_invitations SET used_at = :used_at, challenge = NULL "
                    "WHERE token_hash = :hash AND used_at IS NULL") {}
};

struct InsertSession final : Statement<Nothing, LoginSession> {
    explicit InsertSession(Session& session) : Statement(session, insert_sql<LoginSession>()) {}
};
struct SessionOf final : Statement<LoginSession, hsm::Digest> {
    explicit SessionOf(Session& session)
        : Statement(session, select_sql<LoginSession>("WHERE session_hash = :hash")) {}
};
struct EraseSession final : Statement<Nothing, hsm::Digest> {
    explicit EraseSession(Session& session)
        : Statement(session, "DELETE FROM login_sessions WHERE session_hash = :hash") {}
};
struct SeeSession final : Statement<Nothing, std::int64_t, hsm::Digest> {
    explicit SeeSession(Session& session)
        : Statement(session,
                    "UPDATE login_sessions SET seen_at = :seen_at WHERE session_hash = :hash") {}
};
struct ErasePasskeysOf final : Statement<Nothing, LoginSite, std::string> {
    explicit ErasePasskeysOf(Session& session)
        : Statement(session,
                    "DELETE FROM login_passkeys WHERE site = :site AND owner_id = :owner_id") {}
};
struct EraseInvitationsOf final : Statement<Nothing, LoginSite, std::string> {
    explicit EraseInvitationsOf(Session& session)
        : Statement(session,
                    "DELETE FROM login_invitations WHERE site = :site AND owner_id = :owner_id") {}
};
struct EraseSessionsOf final : Statement<Nothing, LoginSite, std::string> {
    explicit EraseSessionsOf(Session& session)
        : Statement(session,
                    "DELETE FROM login_sessions WHERE site = :site AND owner_id = :owner_id") {}
};
struct EraseExpired final : Statement<Nothing, std::int64_t> {
    explicit EraseExpired(Session& session)
        : Statement(session, "DELETE FROM login_sessions WHERE expires_at <= :now") {}
};

}  // namespace

Result<void> LoginTable::insert(const LoginPasskey& passkey) {
    return done(session_.prepared<InsertPasskey>().run(passkey));
}

Result<std::optional<LoginPasskey>> LoginTable::passkey(const hsm::Digest& credential_hash) {
    return session_.prepared<PasskeyOf>().one(credential_hash);
}

Result<std::vector<LoginPasskey>> LoginTable::passkeys_of(LoginSite site,
                                                          const std::string& owner_id) {
    return session_.prepared<PasskeysOfOwner>().all(site, owner_id);
}

Result<bool> LoginTable::use_passkey(const hsm::Digest& credential_hash,
                                     std::int64_t sign_count,
                                     std::int64_t used_at) {
    return hit(session_.prepared<UsePasskey>().run(sign_count, used_at, credential_hash));
}

Result<void> LoginTable::insert(const LoginInvitation& invitation) {
    return done(session_.prepared<InsertInvitation>().run(invitation));
}

Result<std::optional<LoginInvitation>> LoginTable::invitation(const hsm::Digest& token_hash) {
    return session_.prepared<InvitationOf>().one(token_hash);
}

Result<bool> LoginTable::set_challenge(const hsm::Digest& token_hash,
                                       const hsm::Digest& challenge) {
    return hit(session_.prepared<SetChallenge>().run(challenge, token_hash));
}

Result<bool> LoginTable::use_invitation(const hsm::Digest& token_hash, std::int64_t used_at) {
    return hit(session_.prepared<UseInvitation>().run(used_at, token_hash));
}

Result<void> LoginTable::insert(const LoginSession& login) {
    return done(session_.prepared<InsertSession>().run(login));
}

Result<std::optional<LoginSession>> LoginTable::session(const hsm::Digest& session_hash) {
    return session_.prepared<SessionOf>().one(session_hash);
}

Result<bool> LoginTable::see_session(const hsm::Digest& session_hash, std::int64_t seen_at) {
    return hit(session_.prepared<SeeSession>().run(seen_at, session_hash));
}

Result<bool> LoginTable::erase_session(const hsm::Digest& session_hash) {
    return hit(session_.prepared<EraseSession>().run(session_hash));
}

Result<void> LoginTable::erase_expired(std::int64_t now) {
    return done(session_.prepared<EraseExpired>().run(now));
}

Result<void> LoginTable::erase_all_of(LoginSite site, const std::string& owner_id) {
    TRY(session_.prepared<ErasePasskeysOf>().run(site, owner_id));
    TRY(session_.prepared<EraseInvitationsOf>().run(site, owner_id));
    return done(session_.prepared<EraseSessionsOf>().run(site, owner_id));
}

}  // namespace cloudsign::store
