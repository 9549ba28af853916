#include "cloudsign/store/certificate_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Words<IssuedStatus> {
    static constexpr std::array list = {"good", "revoked"};
};

template <>
struct Columns<IssuedCertificate> {
    static constexpr const char* table = "certificates";
    static constexpr auto list =
        std::tuple(Column{"serial_number", &IssuedCertificate::serial_number},
                   Column{"issuer_id", &IssuedCertificate::issuer_id},
                   Column{"credential_id", &IssuedCertificate::credential_id},
                   Column{"certificate", &IssuedCertificate::certificate},
                   Column{"valid_to", &IssuedCertificate::valid_to},
                   Column{"status", &IssuedCertificate::status},
                   Column{"reason", &IssuedCertificate::reason},
                   Column{"changed_at", &IssuedCertificate::changed_at});
};

template <>
struct Columns<StoredRevocationList> {
    static constexpr const char* table = "revocation_lists";
    static constexpr auto list =
        std::tuple(Column{"issuer_id", &StoredRevocationList::issuer_id},
                   Column{"number", &StoredRevocationList::number},
                   Column{"this_update", &StoredRevocationList::this_update},
                   Column{"next_update", &StoredRevocationList::next_update},
                   Column{"list", &StoredRevocationList::list});
};

namespace {

struct Insert final : Statement<Nothing, IssuedCertificate> {
    explicit Insert(Session& session) : Statement(session, insert_sql<IssuedCertificate>()) {}
};
struct BySerial final : Statement<IssuedCertificate, std::string> {
    explicit BySerial(Session& session)
        : Statement(session,
                    select_sql<IssuedCertificate>("WHERE serial_number = :serial_number")) {}
};
struct Revoked final : Statement<IssuedCertificate, std::string, std::int64_t> {
    explicit Revoked(Session& session)
        : Statement(session,
                    select_sql<IssuedCertificate>(
                        "WHERE issuer_id = :issuer_id AND status = 'revoked' AND "
                        "valid_to >= :since ORDER BY serial_number")) {}
};
struct Revoke final : Statement<Nothing, std::int64_t, std::int64_t, std::string> {
    explicit Revoke(Session& session)
        : Statement(session,
                    "UPDATE certificates SET status = 'revoked', reason = :reason, "
                    "changed_at = :changed_at WHERE credential_id = :credential_id AND "
                    "(status = 'good' OR reason = 6)") {}
};
struct Release final : Statement<Nothing, std::int64_t, std::string> {
    explicit Release(Session& session)
        : Statement(session,
                    "UPDATE certificates SET status = 'good', reason = 0, "
                    "changed_at = :changed_at WHERE credential_id = :credential_id AND "
                    "status = 'revoked' AND reason = 6") {}
};
struct ListOf final : Statement<StoredRevocationList, std::string> {
    explicit ListOf(Session& session)
        : Statement(session, select_sql<StoredRevocationList>("WHERE issuer_id = :issuer_id")) {}
};
struct PutList final : Statement<Nothing, StoredRevocationList> {
    explicit PutList(Session& session)
        : Statement(session,
                    insert_sql<StoredRevocationList>() +
                        " ON CONFLICT (issuer_id) DO UPDATE SET number = excluded.number, "
                        "this_update = excluded.this_update, next_update = excluded.next_update, "
                        "list = excluded.list") {}
};

}  // namespace

Result<void> CertificateTable::insert(const IssuedCertificate& certificate) {
    return done(session_.prepared<Insert>().run(certificate));
}

Result<std::optional<IssuedCertificate>> CertificateTable::by_serial(
    const std::string& serial_number) {
    return session_.prepared<BySerial>().one(serial_number);
}

Result<std::vector<IssuedCertificate>> CertificateTable::revoked_of(const std::string& issuer_id,
                                                                    std::int64_t since) {
    return session_.prepared<Revoked>().all(issuer_id, since);
}

Result<void> CertificateTable::revoke(const std::string& credential_id,
                                      std::int64_t reason,
                                      std::int64_t now) {
    return done(session_.prepared<Revoke>().run(reason, now, credential_id));
}

Result<void> CertificateTable::release(const std::string& credential_id, std::int64_t now) {
    return done(session_.prepared<Release>().run(now, credential_id));
}

Result<std::optional<StoredRevocationList>> CertificateTable::list_of(
    const std::string& issuer_id) {
    return session_.prepared<ListOf>().one(issuer_id);
}

Result<void> CertificateTable::put_list(const StoredRevocationList& list) {
    return done(session_.prepared<PutList>().run(list));
}

}  // namespace cloudsign::store
