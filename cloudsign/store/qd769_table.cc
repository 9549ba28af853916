#include "cloudsign/store/qd769_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Columns<Qd769Request> {
    static constexpr const char* table = "qd769_requests";
    static constexpr auto list = std::tuple(Column{"client_id", &Qd769Request::client_id},
                                            Column{"portal_id", &Qd769Request::portal_id},
                                            Column{"fingerprint", &Qd769Request::fingerprint},
                                            Column{"transaction_id", &Qd769Request::transaction_id},
                                            Column{"provider", &Qd769Request::provider},
                                            Column{"detail", &Qd769Request::detail},
                                            Column{"created_at", &Qd769Request::created_at});
};

namespace {

struct Insert final : Statement<Nothing, Qd769Request> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Qd769Request>()) {}
};
struct Find final : Statement<Qd769Request, std::string, std::string> {
    explicit Find(Session& session)
        : Statement(
              session,
              select_sql<Qd769Request>("WHERE client_id = :client_id AND portal_id = :portal_id")) {
    }
};
struct Named final : Statement<Qd769Request, std::string> {
    explicit Named(Session& session)
        : Statement(session,
                    select_sql<Qd769Request>("WHERE portal_id = :portal_id "
                                             "ORDER BY client_id LIMIT 2")) {}
};
struct OfTransaction final : Statement<Qd769Request, std::string> {
    explicit OfTransaction(Session& session)
        : Statement(session,
                    select_sql<Qd769Request>("WHERE transaction_id = :transaction_id "
                                             "AND transaction_id <> ''")) {}
};
struct SetDetail final : Statement<Nothing, std::string, std::string, std::string> {
    explicit SetDetail(Session& session)
        : Statement(session,
                    "UPDATE qd769_requests SET detail = :detail "
                    "WHERE client_id = :client_id AND portal_id = :portal_id") {}
};

}  // namespace

Result<void> Qd769Table::insert(const Qd769Request& request) {
    return done(session_.prepared<Insert>().run(request));
}

Result<std::optional<Qd769Request>> Qd769Table::find(const std::string& client_id,
                                                     const std::string& portal_id) {
    return session_.prepared<Find>().one(client_id, portal_id);
}

Result<std::vector<Qd769Request>> Qd769Table::named(const std::string& portal_id) {
    return session_.prepared<Named>().all(portal_id);
}

Result<std::optional<Qd769Request>> Qd769Table::of_transaction(const std::string& transaction_id) {
    return session_.prepared<OfTransaction>().one(transaction_id);
}

Result<bool> Qd769Table::set_detail(const std::string& client_id,
                                    const std::string& portal_id,
                                    const std::string& detail) {
    return hit(session_.prepared<SetDetail>().run(detail, client_id, portal_id));
}

}  // namespace cloudsign::store
