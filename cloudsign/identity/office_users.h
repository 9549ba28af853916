#pragma once

#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/login_rows.h"

namespace cloudsign::identity {

// The people of the office, whom the operator names. None of them approves anything as such: an
// officer is who the modules know, by another passkey. Any thread.
class OfficeUsers {
public:
    OfficeUsers(store::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}

    // `id`: 1 to 64 of a-z, 0-9, '.', '-' and '_'. `invalid`, `conflict` when it is taken.
    Result<store::OfficeUser> add(const std::string& id,
                                  const std::string& name,
                                  store::OfficeRole role);
    // `not_found`.
    Result<store::OfficeUser> find(const std::string& id);
    Result<std::vector<store::OfficeUser>> all();
    // Counts at their next request. One who is disabled begins anew with an invitation: passkeys
    // and sessions are gone. `not_found`.
    Result<store::OfficeUser> change(const std::string& id,
                                     std::optional<store::OfficeRole> role,
                                     std::optional<store::OfficeStatus> status);

private:
    store::Database& database_;
    const Clock& clock_;
};

// "registrar"; nothing for what is none.
std::string_view name(store::OfficeRole role);
std::optional<store::OfficeRole> role_named(std::string_view name);

}  // namespace cloudsign::identity
