#include "cloudsign/store/preparation_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Words<PreparationForm> {
    static constexpr std::array list = {"pdf", "xml"};
};

template <>
struct Columns<Preparation> {
    static constexpr const char* table = "preparations";
    static constexpr auto list =
        std::tuple(Column{"id", &Preparation::id},
                   Column{"client_id", &Preparation::client_id},
                   Column{"credential_id", &Preparation::credential_id},
                   Column{"form", &Preparation::form},
                   Column{"level", &Preparation::level},
                   Column{"hash", &Preparation::hash},
                   Column{"scheme", AlgorithmPart<&hsm::protocol::Algorithm::scheme>{}},
                   Column{"digest", AlgorithmPart<&hsm::protocol::Algorithm::digest>{}},
                   Column{"salt_length", AlgorithmPart<&hsm::protocol::Algorithm::salt_length>{}},
                   Column{"size", &Preparation::size},
                   Column{"created_at", &Preparation::created_at},
                   Column{"keep_until", &Preparation::keep_until},
                   Column{"answer", &Preparation::answer});
};

template <>
struct Columns<PreparationFile> {
    static constexpr const char* table = "preparation_files";
    static constexpr auto list =
        std::tuple(Column{"preparation_id", &PreparationFile::preparation_id},
                   Column{"document", &PreparationFile::document},
                   Column{"attributes", &PreparationFile::attributes},
                   Column{"cut", &PreparationFile::cut},
                   Column{"leaf", &PreparationFile::leaf});
};

template <>
struct Columns<PreparationStock> {
    static constexpr const char* table = "preparations";
    static constexpr auto list = std::tuple(Column{"documents", &PreparationStock::documents},
                                            Column{"bytes", &PreparationStock::bytes},
                                            Column{"open", &PreparationStock::open});
};

namespace {

struct Insert final : Statement<Nothing, Preparation> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Preparation>()) {}
};
struct InsertFile final : Statement<Nothing, PreparationFile> {
    explicit InsertFile(Session& session) : Statement(session, insert_sql<PreparationFile>()) {}
};
struct ById final : Statement<Preparation, std::string> {
    explicit ById(Session& session)
        : Statement(session, select_sql<Preparation>("WHERE id = :id")) {}
};
struct File final : Statement<PreparationFile, std::string> {
    explicit File(Session& session)
        : Statement(session, select_sql<PreparationFile>("WHERE preparation_id = :id")) {}
};
constexpr const char* sum_up =
    "SELECT COUNT(*), COALESCE(SUM(size), 0), "
    "COALESCE(SUM(CASE WHEN answer = '' THEN 1 ELSE 0 END), 0) FROM preparations";
struct Stock final : Statement<PreparationStock> {
    explicit Stock(Session& session) : Statement(session, sum_up) {}
};
struct StockOf final : Statement<PreparationStock, std::string> {
    explicit StockOf(Session& session)
        : Statement(session, std::string(sum_up) + " WHERE client_id = :client") {}
};
struct Finish final : Statement<Nothing, std::string, std::int64_t, std::int64_t, std::string> {
    explicit Finish(Session& session)
        : Statement(session,
                    "UPDATE preparations SET answer = :answer, size = :size, "
                    "keep_until = :keep_until WHERE id = :id AND answer = ''") {}
};
struct ReplaceDocument final : Statement<Nothing, Bytes, std::string> {
    explicit ReplaceDocument(Session& session)
        : Statement(session,
                    "UPDATE preparation_files SET document = :document "
                    "WHERE preparation_id = :id") {}
};
struct EraseFiles final : Statement<Nothing, std::int64_t> {
    explicit EraseFiles(Session& session)
        : Statement(session,
                    "DELETE FROM preparation_files WHERE preparation_id IN "
                    "(SELECT id FROM preparations WHERE keep_until <= :now)") {}
};
struct Erase final : Statement<Nothing, std::int64_t> {
    explicit Erase(Session& session)
        : Statement(session, "DELETE FROM preparations WHERE keep_until <= :now") {}
};
struct EraseOpen final : Statement<Nothing, std::string> {
    explicit EraseOpen(Session& session)
        : Statement(session, "DELETE FROM preparations WHERE id = :id AND answer = ''") {}
};
struct EraseFile final : Statement<Nothing, std::string> {
    explicit EraseFile(Session& session)
        : Statement(session,
                    "DELETE FROM preparation_files WHERE preparation_id = :id AND EXISTS "
                    "(SELECT 1 FROM preparations WHERE id = preparation_id AND answer = '')") {}
};

}  // namespace

Result<void> PreparationTable::insert(const Preparation& preparation, const PreparationFile& file) {
    TRY(session_.prepared<Insert>().run(preparation));
    return done(session_.prepared<InsertFile>().run(file));
}

Result<std::optional<Preparation>> PreparationTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::optional<PreparationFile>> PreparationTable::file(const std::string& id) {
    return session_.prepared<File>().one(id);
}

Result<PreparationStock> PreparationTable::stock() {
    TRY_ASSIGN(auto found, session_.prepared<Stock>().one());
    return found.value_or(PreparationStock());
}

Result<PreparationStock> PreparationTable::stock_of(const std::string& client_id) {
    TRY_ASSIGN(auto found, session_.prepared<StockOf>().one(client_id));
    return found.value_or(PreparationStock());
}

Result<bool> PreparationTable::finish(const Preparation& finished, const Bytes& document) {
    TRY_ASSIGN(const bool was_open,
               hit(session_.prepared<Finish>().run(
                   finished.answer, finished.size, finished.keep_until, finished.id)));
    if (was_open) {
        TRY(session_.prepared<ReplaceDocument>().run(document, finished.id));
    }
    return was_open;
}

Result<void> PreparationTable::erase_until(std::int64_t now) {
    TRY(session_.prepared<EraseFiles>().run(now));
    return done(session_.prepared<Erase>().run(now));
}

Result<bool> PreparationTable::erase_open(const std::string& id) {
    TRY(session_.prepared<EraseFile>().run(id));
    return hit(session_.prepared<EraseOpen>().run(id));
}

}  // namespace cloudsign::store
