#pragma once

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::store {

class Session;

// With which portals log in for persons. Errors as ClientTable's.
class ApplicationLoginTable {
public:
    explicit ApplicationLoginTable(Session& session) : session_(session) {}

    Result<void> insert(const ApplicationLogin& login);
    Result<std::optional<ApplicationLogin>> by_id(const std::string& id);
    Result<std::optional<ApplicationLogin>> of(const std::string& client_id,
                                               const std::string& signer_id);
    Result<bool> set_password(const std::string& id, const std::string& password_hash);

private:
    Session& session_;
};

}  // namespace cloudsign::store
