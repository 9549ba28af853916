#include "cloudsign/store/raising_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Words<RaisingForm> {
    static constexpr std::array list = {"pdf", "attached", "detached"};
};
template <>
struct Words<RaisingState> {
    static constexpr std::array list = {"raising", "done", "given_up"};
};

template <>
struct Columns<Raising> {
    static constexpr const char* table = "raisings";
    static constexpr auto list = std::tuple(Column{"id", &Raising::id},
                                            Column{"client_id", &Raising::client_id},
                                            Column{"signer_id", &Raising::signer_id},
                                            Column{"credential_id", &Raising::credential_id},
                                            Column{"transaction_id", &Raising::transaction_id},
                                            Column{"position", &Raising::position},
                                            Column{"form", &Raising::form},
                                            Column{"target", &Raising::target},
                                            Column{"reached", &Raising::reached},
                                            Column{"state", &Raising::state},
                                            Column{"attempts", &Raising::attempts},
                                            Column{"next_at", &Raising::next_at},
                                            Column{"fault", &Raising::fault},
                                            Column{"size", &Raising::size},
                                            Column{"created_at", &Raising::created_at},
                                            Column{"done_at", &Raising::done_at},
                                            Column{"keep_until", &Raising::keep_until});
};

template <>
struct Columns<RaisingFile> {
    static constexpr const char* table = "raising_files";
    static constexpr auto list = std::tuple(Column{"raising_id", &RaisingFile::raising_id},
                                            Column{"document", &RaisingFile::document},
                                            Column{"anchor", &RaisingFile::anchor});
};

template <>
struct Columns<RaisingStock> {
    static constexpr auto list = std::tuple(Column{"documents", &RaisingStock::documents},
                                            Column{"bytes", &RaisingStock::bytes},
                                            Column{"raising", &RaisingStock::raising},
                                            Column{"oldest_since", &RaisingStock::oldest_since});
};

namespace {

struct Insert final : Statement<Nothing, Raising> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Raising>()) {}
};
struct InsertFile final : Statement<Nothing, RaisingFile> {
    explicit InsertFile(Session& session) : Statement(session, insert_sql<RaisingFile>()) {}
};
struct ById final : Statement<Raising, std::string> {
    explicit ById(Session& session) : Statement(session, select_sql<Raising>("WHERE id = :id")) {}
};
struct File final : Statement<RaisingFile, std::string> {
    explicit File(Session& session)
        : Statement(session, select_sql<RaisingFile>("WHERE raising_id = :id")) {}
};
struct OfSignature final : Statement<Raising, std::string, std::uint32_t> {
    explicit OfSignature(Session& session)
        : Statement(session,
                    select_sql<Raising>("WHERE transaction_id = :transaction AND "
                                        "position = :position ORDER BY created_at, id")) {}
};
struct Due final : Statement<Raising, std::int64_t, std::uint32_t> {
    explicit Due(Session& session)
        : Statement(session,
                    select_sql<Raising>("WHERE state = 'raising' AND next_at <= :now "
                                        "ORDER BY next_at, id LIMIT :count")) {}
};
struct NextDue final : Statement<std::optional<std::int64_t>> {
    explicit NextDue(Session& session)
        : Statement(session, "SELECT MIN(next_at) FROM raisings WHERE state = 'raising'") {}
};
struct Page final : Statement<Raising, std::int64_t, std::string, std::uint32_t> {
    explicit Page(Session& session)
        : Statement(session,
                    select_sql<Raising>("WHERE (created_at, id) > (:since, :after) "
                                        "ORDER BY created_at, id LIMIT :count")) {}
};
constexpr const char* sum_up =
    "SELECT COUNT(*), COALESCE(SUM(size), 0), "
    "COALESCE(SUM(CASE WHEN state = 'raising' THEN 1 ELSE 0 END), 0), "
    "MIN(CASE WHEN state = 'raising' THEN created_at END) FROM raisings";
struct Stock final : Statement<RaisingStock> {
    explicit Stock(Session& session) : Statement(session, sum_up) {}
};
struct StockOf final : Statement<RaisingStock, std::string> {
    explicit StockOf(Session& session)
        : Statement(session, std::string(sum_up) + " WHERE client_id = :client") {}
};
struct Update final : Statement<Nothing,
                                std::string,
                                RaisingState,
                                std::uint32_t,
                                std::int64_t,
                                std::string,
                                std::int64_t,
                                std::optional<std::int64_t>,
                                std::optional<std::int64_t>,
                                std::string> {
    explicit Update(Session& session)
        : Statement(session,
                    "UPDATE raisings SET reached = :reached, state = :state, "
                    "attempts = :attempts, next_at = :next_at, fault = :fault, size = :size, "
                    "done_at = :done_at, keep_until = :keep_until WHERE id = :id") {}
};
struct ReplaceDocument final : Statement<Nothing, Bytes, std::string> {
    explicit ReplaceDocument(Session& session)
        : Statement(session,
                    "UPDATE raising_files SET document = :document WHERE raising_id = :id") {}
};
struct BringForward final : Statement<Nothing, std::int64_t> {
    explicit BringForward(Session& session)
        : Statement(session, "UPDATE raisings SET next_at = :now WHERE state = 'raising'") {}
};
struct EraseFiles final : Statement<Nothing, std::int64_t> {
    explicit EraseFiles(Session& session)
        : Statement(session,
                    "DELETE FROM raising_files WHERE raising_id IN "
                    "(SELECT id FROM raisings WHERE keep_until <= :now)") {}
};
struct Erase final : Statement<Nothing, std::int64_t> {
    explicit Erase(Session& session)
        : Statement(session, "DELETE FROM raisings WHERE keep_until <= :now") {}
};

}  // namespace

std::string_view name(RaisingState state) {
    return Words<RaisingState>::list.at(static_cast<std::size_t>(state));
}

Result<void> RaisingTable::insert(const Raising& raising, const RaisingFile& file) {
    TRY(session_.prepared<Insert>().run(raising));
    return done(session_.prepared<InsertFile>().run(file));
}

Result<std::optional<Raising>> RaisingTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::optional<RaisingFile>> RaisingTable::file(const std::string& id) {
    return session_.prepared<File>().one(id);
}

Result<std::vector<Raising>> RaisingTable::of_signature(const std::string& transaction_id,
                                                        std::uint32_t position) {
    return session_.prepared<OfSignature>().all(transaction_id, position);
}

Result<std::vector<Raising>> RaisingTable::due(std::int64_t now, std::uint32_t limit) {
    return session_.prepared<Due>().all(now, limit);
}

Result<std::optional<std::int64_t>> RaisingTable::next_due() {
    TRY_ASSIGN(auto found, session_.prepared<NextDue>().one());
    return found.value_or(std::nullopt);
}

Result<std::vector<Raising>> RaisingTable::page(std::int64_t created_at,
                                                const std::string& after_id,
                                                std::uint32_t limit) {
    return session_.prepared<Page>().all(created_at, after_id, limit);
}

Result<RaisingStock> RaisingTable::stock() {
    TRY_ASSIGN(auto found, session_.prepared<Stock>().one());
    return found.value_or(RaisingStock());
}

Result<RaisingStock> RaisingTable::stock_of(const std::string& client_id) {
    TRY_ASSIGN(auto found, session_.prepared<StockOf>().one(client_id));
    return found.value_or(RaisingStock());
}

Result<bool> RaisingTable::update(const Raising& raising) {
    return hit(session_.prepared<Update>().run(raising.reached,
                                               raising.state,
                                               raising.attempts,
                                               raising.next_at,
                                               raising.fault,
                                               raising.size,
                                               raising.done_at,
                                               raising.keep_until,
                                               raising.id));
}

Result<void> RaisingTable::replace_document(const std::string& id, const Bytes& document) {
    return done(session_.prepared<ReplaceDocument>().run(document, id));
}

Result<std::int64_t> RaisingTable::bring_forward(std::int64_t now) {
    TRY_ASSIGN(const auto rows, session_.prepared<BringForward>().run(now));
    return rows;
}

Result<void> RaisingTable::erase_until(std::int64_t now) {
    TRY(session_.prepared<EraseFiles>().run(now));
    return done(session_.prepared<Erase>().run(now));
}

}  // namespace cloudsign::store
