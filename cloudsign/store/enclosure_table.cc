#include "cloudsign/store/enclosure_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Columns<Enclosure> {
    static constexpr const char* table = "enclosures";
    static constexpr auto list = std::tuple(Column{"transaction_id", &Enclosure::transaction_id},
                                            Column{"position", &Enclosure::position},
                                            Column{"document", &Enclosure::document},
                                            Column{"attributes", &Enclosure::attributes});
};

namespace {

struct Insert final : Statement<Nothing, Enclosure> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Enclosure>()) {}
};
struct InsertPrepared final : Statement<Nothing, std::string, std::uint32_t, std::string> {
    explicit InsertPrepared(Session& session)
        : Statement(session,
                    "INSERT INTO enclosures (transaction_id, position, document, attributes) "
                    "SELECT :transaction, :position, f.document, f.attributes "
                    "FROM preparation_files f JOIN preparations p ON p.id = f.preparation_id "
                    "WHERE p.id = :id AND p.answer = ''") {}
};
struct Find final : Statement<Enclosure, std::string, std::uint32_t> {
    explicit Find(Session& session)
        : Statement(session,
                    select_sql<Enclosure>("WHERE transaction_id = :id AND position = :position")) {}
};
struct Positions final : Statement<std::uint32_t, std::string> {
    explicit Positions(Session& session)
        : Statement(
              session,
              "SELECT position FROM enclosures WHERE transaction_id = :id ORDER BY position") {}
};
struct EraseFinished final : Statement<Nothing> {
    explicit EraseFinished(Session& session)
        : Statement(session,
                    "DELETE FROM enclosures WHERE transaction_id IN "
                    "(SELECT t.id FROM transactions t JOIN enclosures e ON e.transaction_id = t.id "
                    "WHERE t.unfinished = 0)") {}
};

}  // namespace

Result<void> EnclosureTable::insert(const Enclosure& enclosure) {
    return done(session_.prepared<Insert>().run(enclosure));
}

Result<void> EnclosureTable::insert_prepared(const std::string& transaction_id,
                                             std::uint32_t position,
                                             const std::string& preparation_id) {
    return done(session_.prepared<InsertPrepared>().run(transaction_id, position, preparation_id));
}

Result<std::optional<Enclosure>> EnclosureTable::find(const std::string& transaction_id,
                                                      std::uint32_t position) {
    return session_.prepared<Find>().one(transaction_id, position);
}

Result<std::vector<std::uint32_t>> EnclosureTable::positions(const std::string& transaction_id) {
    return session_.prepared<Positions>().all(transaction_id);
}

Result<void> EnclosureTable::erase_finished() {
    return done(session_.prepared<EraseFinished>().run());
}

}  // namespace cloudsign::store
