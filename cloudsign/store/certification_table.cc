#include "cloudsign/store/certification_table.h"

#include "cloudsign/store/certificate_table.h"
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
                   Column{"authority_transaction", &CertificationRequest::authority_transaction},
                   Column{"created_at", &CertificationRequest::created_at});
};

template <>
struct Words<ExternalRevocationState> {
    static constexpr std::array list = {"open", "told", "refused"};
};

// In the order of `revocation_sql`.
template <>
struct Columns<ExternalRevocation> {
    static constexpr const char* table = "external_revocations";
    static constexpr auto list =
        std::tuple(Column{"serial_number", &ExternalRevocation::serial_number},
                   Column{"credential_id", &ExternalRevocation::credential_id},
                   Column{"certificate", &ExternalRevocation::certificate},
                   Column{"reason", &ExternalRevocation::reason},
                   Column{"state", &ExternalRevocation::state},
                   Column{"detail", &ExternalRevocation::detail},
                   Column{"attempts", &ExternalRevocation::attempts},
                   Column{"next_at", &ExternalRevocation::next_at},
                   Column{"created_at", &ExternalRevocation::created_at});
};

namespace {

const std::string revocation_from =
    "FROM certificates c LEFT JOIN external_revocations r ON r.serial_number = c.serial_number "
    "WHERE c.issuer_id = '' AND c.status = 'revoked' AND c.reason <> " +
    std::to_string(reason_hold) + " AND c.valid_to > :now ";
const std::string revocation_sql =
    "SELECT c.serial_number, c.credential_id, c.certificate, c.reason, "
    "COALESCE(r.state, 'open'), COALESCE(r.detail, ''), COALESCE(r.attempts, 0), "
    "COALESCE(r.next_at, 0), c.changed_at " +
    revocation_from;
constexpr auto is_open = "AND COALESCE(r.state, 'open') = 'open' ";
constexpr auto is_signed =
    "state = 'open' AND EXISTS (SELECT 1 FROM transactions t WHERE t.id = transaction_id AND "
    "t.state = 'signed') ";

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
                    select_sql<CertificationRequest>("WHERE next_at <= :now AND " +
                                                     std::string(is_signed) +
                                                     "ORDER BY next_at, created_at LIMIT :limit")) {
    }
};
struct RevocationsDue final
    : Statement<ExternalRevocation, std::int64_t, std::int64_t, std::uint32_t> {
    explicit RevocationsDue(Session& session)
        : Statement(session,
                    revocation_sql + is_open +
                        "AND COALESCE(r.next_at, 0) <= :due ORDER BY c.changed_at LIMIT :limit") {}
};
struct Untold final : Statement<ExternalRevocation, std::int64_t, std::uint32_t> {
    explicit Untold(Session& session)
        : Statement(session,
                    revocation_sql +
                        "AND COALESCE(r.state, 'open') <> 'told' ORDER BY c.changed_at "
                        "LIMIT :limit") {}
};
struct UntoldOne final : Statement<ExternalRevocation, std::int64_t, std::string> {
    explicit UntoldOne(Session& session)
        : Statement(session,
                    revocation_sql +
                        "AND COALESCE(r.state, 'open') <> 'told' "
                        "AND c.serial_number = :serial_number") {}
};
struct PutRevocation final : Statement<Nothing,
                                       std::string,
                                       ExternalRevocationState,
                                       std::string,
                                       std::int64_t,
                                       std::int64_t> {
    explicit PutRevocation(Session& session)
        : Statement(session,
                    "INSERT INTO external_revocations "
                    "(serial_number, state, detail, attempts, next_at) "
                    "VALUES (:serial_number, :state, :detail, :attempts, :next_at) "
                    "ON CONFLICT (serial_number) DO UPDATE SET state = excluded.state, "
                    "detail = excluded.detail, attempts = excluded.attempts, "
                    "next_at = excluded.next_at") {}
};
struct NextDue final : Statement<std::int64_t, std::int64_t> {
    explicit NextDue(Session& session)
        : Statement(session,
                    "SELECT next_at FROM certification_requests WHERE " + std::string(is_signed) +
                        "UNION ALL SELECT COALESCE(r.next_at, 0) " + revocation_from + is_open +
                        "ORDER BY 1 LIMIT 1") {}
};
struct Update final : Statement<Nothing,
                                CertificationState,
                                std::string,
                                std::int64_t,
                                std::int64_t,
                                Bytes,
                                std::string> {
    explicit Update(Session& session)
        : Statement(session,
                    "UPDATE certification_requests SET state = :state, detail = :detail, "
                    "attempts = :attempts, next_at = :next_at, "
                    "authority_transaction = :authority_transaction "
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

std::string_view name(ExternalRevocationState state) {
    return Words<ExternalRevocationState>::list.at(static_cast<std::size_t>(state));
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
                                                request.authority_transaction,
                                                request.transaction_id));
}

Result<void> CertificationTable::close(const std::string& credential_id, CertificationState state) {
    return done(session_.prepared<Close>().run(state, credential_id));
}

Result<std::vector<ExternalRevocation>> CertificationTable::revocations_due(std::int64_t now,
                                                                            std::uint32_t limit) {
    return session_.prepared<RevocationsDue>().all(now, now, limit);
}

Result<std::vector<ExternalRevocation>> CertificationTable::untold(std::int64_t now,
                                                                   std::uint32_t limit) {
    return session_.prepared<Untold>().all(now, limit);
}

Result<std::optional<ExternalRevocation>> CertificationTable::untold_one(
    const std::string& serial_number, std::int64_t now) {
    return session_.prepared<UntoldOne>().one(now, serial_number);
}

Result<void> CertificationTable::put_revocation(const ExternalRevocation& revocation) {
    return done(session_.prepared<PutRevocation>().run(revocation.serial_number,
                                                       revocation.state,
                                                       revocation.detail,
                                                       revocation.attempts,
                                                       revocation.next_at));
}

Result<std::optional<std::int64_t>> CertificationTable::next_due(std::int64_t now) {
    return session_.prepared<NextDue>().one(now);
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
