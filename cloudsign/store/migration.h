#pragma once

#include <span>
#include <string_view>

#include "cloudsign/store/session.h"

namespace cloudsign::store {

// One step of the schema: migrations/NNNN_name.sql, compiled in. Only ever appended to.
struct Migration {
    int version = 0;
    std::string_view name;
    std::string_view sql;
};

// In ascending order, without a gap, from 1.
std::span<const Migration> migrations();

// Brings the schema to the last of `steps`, each step in a transaction of its own. `conflict` when
// the database is newer than they are: a program never works on a schema that it does not know.
Result<void> migrate(Session& session, std::span<const Migration> steps, const char* begin_sql);

// The statements of a script, without comments.
std::vector<std::string> statements_of(std::string_view script);

}  // namespace cloudsign::store
