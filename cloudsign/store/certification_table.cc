#include "cloudsign/store/certification_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Words<CertificationState> {
    static constexpr std::array list = {"open", "issued", "refused", "replaced"};
};

template <>
struct Columns<CertificationRequest> {
    static constexpr const char* table = "certification_requests";
    static constexpr auto list =
        std::tuple(Column{"transaction_id", &CertificationRequest::transaction_id},
                   Column{"credential_id", &CertificationRequest::credential_id},
                   Column{"request_info", &CertificationRequest::request_info},
                   Column{"state", &CertificationRequest::state},
                   Column{"detail", &CertificationRequest::detail},
                   Column{"attempts", &CertificationRequest::attempts},
                   Column{"next_at", &CertificationRequest::next_at},
                   Column{"created_at", &CertificationRequest::created_at});
};

namespace {

struct Insert final : Statement<Nothing, CertificationRequest> {
    explicit Insert(Session& session) : Statement(session, insert_sql<CertificationRequest>()) {}
};
struct OfCredential final : Statement<CertificationRequest, std::string, std::uint32_t> {
    explicit OfCredential(Session& session)
        : Statement(session,
                    select_sql<CertificationRequest>(
                        "WHERE credential_id = :credential_id "
                        "ORDER BY created_at DESC, transaction_id DESC LIMIT :limit")) {}
};
struct Due final : Statement<CertificationRequest, std::int64_t, std::uint32_t> {
    explicit Due(Session& session)
        : Statement(session,
                    select_sql<CertificationRequest>(
                        "WHERE state = 'open' AND next_at <= :now AND EXISTS (SELECT 1 FROM "
                        "transactions t WHERE t.id = transaction_id AND t.state = 'signed') "
                        "ORDER BY next_at, created_at LIMIT :limit")) {}
};
struct Update final : Statement<Nothing,
                                CertificationState,
                                std::string,
                                std::int64_t,
                                std::int64_t,
                                std::string> {
    explicit Update(Session& session)
        : Statement(session,
                    "UPDATE certification_requests SET state = :state, detail = :detail, "
                    "attempts = :attempts, next_at = :next_at "
                    "WHERE transaction_id = :transaction_id AND state = 'open'") {}
};
struct Close final : Statement<Nothing, CertificationState, std::string> {
    explicit Close(Session& session)
        : Statement(session,
                    "UPDATE certification_requests SET state = :state, detail = '' "
                    "WHERE credential_id = :credential_id AND state = 'open'") {}
};
struct InsertLink final : Statement<Nothing, std::string, std::uint32_t, Bytes> {
    explicit InsertLink(Session& session)
        : Statement(session,
                    "INSERT INTO certificate_chains (serial_number, position, certificate) "
                    "VALUES (:serial_number, :position, :certificate)") {}
};
struct ChainOf final : Statement<Bytes, std::string> {
    explicit ChainOf(Session& session)
        : Statement(session,
                    "SELECT certificate FROM certificate_chains "
                    "WHERE serial_number = :serial_number ORDER BY position") {}
};

}  // namespace

std::string_view name(CertificationState state) {
    return Words<CertificationState>::list.at(static_cast<std::size_t>(state));
}

Result<void> CertificationTable::insert(const CertificationRequest& request) {
    return done(session_.prepared<Insert>().run(request));
}

Result<std::vector<CertificationRequest>> CertificationTable::of_credential(
    const std::string& credential_id, std::uint32_t limit) {
    return session_.prepared<OfCredential>().all(credential_id, limit);
}

Result<std::vector<CertificationRequest>> CertificationTable::due(std::int64_t now,
                                                                  std::uint32_t limit) {
    return session_.prepared<Due>().all(now, limit);
}

Result<void> CertificationTable::update(const CertificationRequest& request) {
    return done(session_.prepared<Update>().run(request.state,
                                                request.detail,
                                                request.attempts,
                                                request.next_at,
                                                request.transaction_id));
}

Result<void> CertificationTable::close(const std::string& credential_id,
                                       CertificationState state) {
    return done(session_.prepared<Close>().run(state, credential_id));
}

Result<void> CertificationTable::insert_chain(const std::string& serial_number,
                                              const std::vector<Bytes>& chain) {
    std::uint32_t position = 0;
    for (const auto& certificate : chain) {
        TRY(session_.prepared<InsertLink>().run(serial_number, ++position, certificate));
    }
    return {};
}

Result<std::vector<Bytes>> CertificationTable::chain_of(const std::string& serial_number) {
    return session_.prepared<ChainOf>().all(serial_number);
}

}  // namespace cloudsign::store
