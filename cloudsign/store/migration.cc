#include "cloudsign/store/migration.h"

#include "cloudsign/clock.h"

namespace cloudsign::store {
namespace {

int schema_version(soci::session& sql) {
    sql << "CREATE TABLE IF NOT EXISTS schema_version ("
           "version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)";
    long long version = 0;
    sql << "SELECT COALESCE(MAX(version), 0) FROM schema_version", soci::into(version);
    return static_cast<int>(version);
}

void apply(soci::session& sql, const Migration& step) {
    for (const auto& statement : statements_of(step.sql)) {
        sql << statement;
    }
    const long long version = step.version;
    const std::string name(step.name);
    const long long applied_at = SystemClock().now_ms();
    sql << "INSERT INTO schema_version (version, name, applied_at) VALUES (:version, :name, :at)",
        soci::use(version), soci::use(name), soci::use(applied_at);
}

}  // namespace

std::vector<std::string> statements_of(std::string_view script) {
    std::vector<std::string> statements;
    std::string statement;
    bool quoted = false;
    for (std::size_t i = 0; i < script.size(); ++i) {
        const char character = script[i];
        if (character == '\'') {
            quoted = !quoted;
        }
        if (!quoted && script.substr(i).starts_with("--")) {
            i = std::min(script.find('\n', i), script.size()) - 1;
            continue;
        }
        if (!quoted && character == ';') {
            statements.push_back(std::exchange(statement, {}));
            continue;
        }
        const bool leading_space = statement.empty() && (character == ' ' || character == '\n');
        if (!leading_space) {
            statement += character;
        }
    }
    return statements;
}

Result<void> migrate(Session& session, std::span<const Migration> steps, const char* begin_sql) {
    const int known = steps.empty() ? 0 : steps.back().version;
    return session.guarded([&]() -> Result<void> {
        auto& sql = session.sql();
        for (;;) {
            // The version is read under the write lock: two programs that start at once agree.
            sql << begin_sql;
            const int version = schema_version(sql);
            if (version > known) {
                sql << "ROLLBACK";
                return Error{ErrorKind::conflict,
                             "the database has schema " + std::to_string(version) +
                                 ", newer than this program's " + std::to_string(known) +
                                 ": use the newer program"};
            }
            if (version < known) {
                apply(sql, steps[static_cast<std::size_t>(version)]);
            }
            sql << "COMMIT";
            if (version >= known) {
                return {};
            }
        }
    });
}

}  // namespace cloudsign::store
