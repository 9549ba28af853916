// First of all: it includes sqlite3.h inside a namespace of its own.
#include "cloudsign/store/sqlite.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include "cloudsign/store/folded_text.h"

namespace cloudsign::store {
namespace {

// SQLite's result codes are not in any namespace, being macros.
Error sqlite_error(int result) {
    switch (result & 0xff) {
        case SQLITE_CONSTRAINT:
            return {ErrorKind::conflict, "database: the row exists already, or is referred to"};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_NOMEM:
        case SQLITE_INTERRUPT:
            return {ErrorKind::unavailable, "database: not available"};
        default:
            return {ErrorKind::internal, "database: failed"};
    }
}

Result<void> create_file(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return Error{ErrorKind::unavailable,
                     "cannot open " + path.string() + ": " + std::strerror(errno)};
    }
    ::close(file);
    return {};
}

// For the whole process, before its first database. A session is one thread's at a time, so its
// calls need no mutex; and nobody asks how much memory SQLite has, which takes a lock to count.
void configure_library() {
    static const bool done = [] {
        sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        return true;
    }();
    static_cast<void>(done);
}

void configure(soci::session& sql, SessionUse use) {
    // The mode is a property of the file: readers find it set. A file system that cannot do it
    // answers with another mode instead of an error.
    if (use == SessionUse::writing) {
        std::string mode;
        sql << "PRAGMA journal_mode = WAL", soci::into(mode);
        if (mode != "wal") {
            throw soci::sqlite3_soci_error("no write-ahead log here", SQLITE_CANTOPEN);
        }
    }
    // FULL: a commit in the write-ahead log is synced before it is answered.
    sql << "PRAGMA synchronous = FULL";
    sql << "PRAGMA foreign_keys = ON";
    sql << "PRAGMA temp_store = MEMORY";
    sql << "PRAGMA wal_autocheckpoint = 0";
    sql << "PRAGMA cache_size = " + std::string(use == SessionUse::writing ? "-16384" : "-4096");
    if (use == SessionUse::reading) {
        sql << "PRAGMA query_only = ON";
    }
}

using sqlite_api::sqlite3_destructor_type;  // as SQLITE_TRANSIENT names it

// SQL's fold(text): as cloudsign::store::fold(), NULL of NULL.
void fold_value(sqlite_api::sqlite3_context* call, int, sqlite_api::sqlite3_value** given) {
    const auto* text = sqlite_api::sqlite3_value_text(given[0]);
    if (text == nullptr) {
        sqlite_api::sqlite3_result_null(call);
        return;
    }
    const auto size = static_cast<std::size_t>(sqlite_api::sqlite3_value_bytes(given[0]));
    try {
        const auto folded = fold({reinterpret_cast<const char*>(text), size});
        sqlite_api::sqlite3_result_text64(
            call, folded.data(), folded.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } catch (const std::bad_alloc&) {
        sqlite_api::sqlite3_result_error_nomem(call);
    }
}

sqlite_api::sqlite3* connection_of(soci::session& sql) {
    return static_cast<soci::sqlite3_session_backend*>(sql.get_backend())->conn_;
}

void add_functions(soci::session& sql) {
    const int added = sqlite_api::sqlite3_create_function_v2(connection_of(sql),
                                                             "fold",
                                                             1,
                                                             SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                                             nullptr,
                                                             fold_value,
                                                             nullptr,
                                                             nullptr,
                                                             nullptr);
    if (added != SQLITE_OK) {
        throw soci::sqlite3_soci_error("cannot add a function", added);
    }
}

int on_commit(void* observe, sqlite_api::sqlite3*, const char*, int pages) {
    (*static_cast<std::function<void(unsigned)>*>(observe))(static_cast<unsigned>(pages));
    return SQLITE_OK;
}

}  // namespace

Error database_error(std::string& fault) {
    try {
        throw;
    } catch (const soci::sqlite3_soci_error& failed) {
        const auto error = sqlite_error(failed.result());
        if (error.kind != ErrorKind::conflict) {
            fault = failed.what();
        }
        return error;
    } catch (const std::exception& failed) {
        fault = failed.what();
        return {ErrorKind::internal, "database: failed"};
    } catch (...) {
        fault = "an exception of unknown type";
        return {ErrorKind::internal, "database: failed"};
    }
}

Result<std::unique_ptr<Session>> open_sqlite(const std::filesystem::path& path,
                                             SessionUse use,
                                             const FaultReport& report) {
    const auto name = path.string();
    if (name.find('"') != std::string::npos) {
        return Error{ErrorKind::unavailable, "a database path cannot hold quotation marks"};
    }
    if (use == SessionUse::writing) {
        TRY(create_file(path));
    }
    configure_library();
    try {
        auto connection =
            std::make_unique<soci::session>(soci::sqlite3, "db=\"" + name + "\" timeout=10");
        configure(*connection, use);
        add_functions(*connection);
        return std::make_unique<Session>(std::move(connection), report);
    } catch (...) {
        std::string fault;
        auto error = database_error(fault);
        error.detail = "cannot open " + name + ": " + fault;
        return error;
    }
}

void watch_write_ahead_log(Session& session, std::function<void(unsigned)>& observe) {
    sqlite_api::sqlite3_wal_hook(connection_of(session.sql()), on_commit, &observe);
}

Result<Checkpoint> checkpoint(Session& session) {
    session.recover();
    return session.guarded([&]() -> Result<Checkpoint> {
        long long busy = 0;
        Checkpoint done;
        session.sql() << "PRAGMA wal_checkpoint(PASSIVE)", soci::into(busy),
            soci::into(done.log_pages), soci::into(done.copied_pages);
        return done;
    });
}

}  // namespace cloudsign::store
