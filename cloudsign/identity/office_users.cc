#include "cloudsign/identity/office_users.h"

#include <algorithm>
#include <array>

#include "cloudsign/identity/text.h"
#include "cloudsign/store/login_table.h"
#include "cloudsign/store/office_user_table.h"

namespace cloudsign::identity {
namespace {

using store::OfficeUserTable;
using store::Session;

constexpr std::array<std::string_view, 3> roles = {"registrar", "auditor", "administrator"};

Error no_such_user() {
    return {ErrorKind::not_found, "no such user of the office"};
}

}  // namespace

std::string_view name(store::OfficeRole role) {
    return roles.at(static_cast<std::size_t>(role));
}

std::optional<store::OfficeRole> role_named(std::string_view name) {
    const auto found = std::ranges::find(roles, name);
    if (found == roles.end()) {
        return std::nullopt;
    }
    return static_cast<store::OfficeRole>(found - roles.begin());
}

Result<store::OfficeUser> OfficeUsers::add(const std::string& id,
                                           const std::string& name,
                                           store::OfficeRole role) {
    TRY(check_word("id", id));
    TRY(check_name("name", name));
    const store::OfficeUser user{id, name, role, store::OfficeStatus::active, clock_.now_ms()};
    TRY(database_.write([&](Session& session) -> Result<void> {
        OfficeUserTable users(session);
        TRY_ASSIGN(auto namesake, users.by_id(id));
        if (namesake) {
            return Error{ErrorKind::conflict, "the id is taken"};
        }
        return users.insert(user);
    }));
    return user;
}

Result<store::OfficeUser> OfficeUsers::find(const std::string& id) {
    TRY_ASSIGN(auto user, database_.read([&](Session& session) {
        return OfficeUserTable(session).by_id(id);
    }));
    return user ? Result<store::OfficeUser>(*std::move(user)) : no_such_user();
}

Result<std::vector<store::OfficeUser>> OfficeUsers::all() {
    return database_.read([](Session& session) { return OfficeUserTable(session).all(); });
}

Result<store::OfficeUser> OfficeUsers::change(const std::string& id,
                                              std::optional<store::OfficeRole> role,
                                              std::optional<store::OfficeStatus> status) {
    store::OfficeUser changed;
    TRY(database_.write([&](Session& session) -> Result<void> {
        OfficeUserTable users(session);
        TRY_ASSIGN(auto user, users.by_id(id));
        if (!user) {
            return no_such_user();
        }
        changed = *std::move(user);
        changed.role = role.value_or(changed.role);
        changed.status = status.value_or(changed.status);
        TRY(users.change(id, changed.role, changed.status));
        if (changed.status == store::OfficeStatus::disabled) {
            return store::LoginTable(session).erase_all_of(store::LoginSite::office, id);
        }
        return {};
    }));
    return changed;
}

}  // namespace cloudsign::identity
