#pragma once

#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/store/login_rows.h"

namespace cloudsign::store {

class Session;

// People of the office. Errors as ClientTable's.
class OfficeUserTable {
public:
    explicit OfficeUserTable(Session& session) : session_(session) {}

    Result<void> insert(const OfficeUser& user);
    Result<std::optional<OfficeUser>> by_id(const std::string& id);
    // In the order of ids.
    Result<std::vector<OfficeUser>> all();
    // Whether there was such a one.
    Result<bool> change(const std::string& id, OfficeRole role, OfficeStatus status);

private:
    Session& session_;
};

}  // namespace cloudsign::store
