#pragma once

#include <optional>
#include <string>

#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

// Small durable facts of the server, by name. Errors as ClientTable's.
class SettingTable {
public:
    explicit SettingTable(Session& session) : session_(session) {}

    Result<std::optional<std::string>> get(const std::string& name);
    Result<void> put(const std::string& name, const std::string& value);

private:
    Session& session_;
};

}  // namespace cloudsign::store
