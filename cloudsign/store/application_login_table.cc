#include "cloudsign/store/application_login_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct Insert final : Statement<Nothing, ApplicationLogin> {
    explicit Insert(Session& session) : Statement(session, insert_sql<ApplicationLogin>()) {}
};
struct ById final : Statement<ApplicationLogin, std::string> {
    explicit ById(Session& session)
        : Statement(session, select_sql<ApplicationLogin>("WHERE id = :id")) {}
};
struct Of final : Statement<ApplicationLogin, std::string, std::string> {
    explicit Of(Session& session)
        : Statement(session,
                    select_sql<ApplicationLogin>(
                        "WHERE client_id = :client_id AND signer_id = :signer_id")) {}
};
struct SetPassword final : Statement<Nothing, std::string, std::string> {
    explicit SetPassword(Session& session)
        : Statement(session,
                    "UPDATE application_logins SET password_hash = :password_hash, "
                    "proof_version = proof_version + 1 "
                    "WHERE id = :id") {}
};

}  // namespace

Result<void> ApplicationLoginTable::insert(const ApplicationLogin& login) {
    return done(session_.prepared<Insert>().run(login));
}

Result<std::optional<ApplicationLogin>> ApplicationLoginTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::optional<ApplicationLogin>> ApplicationLoginTable::of(const std::string& client_id,
                                                                  const std::string& signer_id) {
    return session_.prepared<Of>().one(client_id, signer_id);
}

Result<bool> ApplicationLoginTable::set_password(const std::string& id,
                                                 const std::string& password_hash) {
    return hit(session_.prepared<SetPassword>().run(password_hash, id));
}

}  // namespace cloudsign::store
