#include "cloudsign/store/office_user_table.h"

#include "cloudsign/store/login_columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct Insert final : Statement<Nothing, OfficeUser> {
    explicit Insert(Session& session) : Statement(session, insert_sql<OfficeUser>()) {}
};
struct ById final : Statement<OfficeUser, std::string> {
    explicit ById(Session& session)
        : Statement(session, select_sql<OfficeUser>("WHERE id = :id")) {}
};
struct All final : Statement<OfficeUser> {
    explicit All(Session& session) : Statement(session, select_sql<OfficeUser>("ORDER BY id")) {}
};
struct Change final : Statement<Nothing, OfficeRole, OfficeStatus, std::string> {
    explicit Change(Session& session)
        : Statement(session,
                    "UPDATE office_users SET role = :role, status = :status WHERE id = :id") {}
};

}  // namespace

Result<void> OfficeUserTable::insert(const OfficeUser& user) {
    return done(session_.prepared<Insert>().run(user));
}

Result<std::optional<OfficeUser>> OfficeUserTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::vector<OfficeUser>> OfficeUserTable::all() {
    return session_.prepared<All>().all();
}

Result<bool> OfficeUserTable::change(const std::string& id, OfficeRole role, OfficeStatus status) {
    return hit(session_.prepared<Change>().run(role, status, id));
}

}  // namespace cloudsign::store
