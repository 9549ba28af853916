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
struct Words<CertificateEventKind> {
    static constexpr std::array list = {
        "issued", "renewed", "suspended", "resumed", "revoked", "reminded"};
};

template <>
struct Columns<CertificateEvent> {
    static constexpr const char* table = "certificate_events";
    static constexpr auto list =
        std::tuple(Column{"serial_number", &CertificateEvent::serial_number},
                   Column{"number", &CertificateEvent::number},
                   Column{"kind", &CertificateEvent::kind},
                   Column{"reason", &CertificateEvent::reason},
                   Column{"at", &CertificateEvent::at});
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

constexpr std::int64_t no_reason = 0;

CertificateEventKind kind_of(std::int64_t reason) {
    return reason == reason_hold ? CertificateEventKind::suspended : CertificateEventKind::revoked;
}
std::int64_t reason_of_event(std::int64_t reason) {
    return reason == reason_hold ? no_reason : reason;
}

struct Insert final : Statement<Nothing, IssuedCertificate> {
    explicit Insert(Session& session) : Statement(session, insert_sql<IssuedCertificate>()) {}
};
struct BySerial final : Statement<IssuedCertificate, std::string> {
    explicit BySerial(Session& session)
        : Statement(session,
                    select_sql<IssuedCertificate>("WHERE serial_number = :serial_number")) {}
};
struct OfCredential final : Statement<IssuedCertificate, std::string> {
    explicit OfCredential(Session& session)
        : Statement(session,
                    select_sql<IssuedCertificate>(
                        "WHERE credential_id = :credential_id ORDER BY "
                        "(SELECT at FROM certificate_events WHERE number = 1 AND "
                        "certificate_events.serial_number = certificates.serial_number), "
                        "valid_to, serial_number")) {}
};
struct EventsOf final : Statement<CertificateEvent, std::string> {
    explicit EventsOf(Session& session)
        : Statement(session,
                    select_sql<CertificateEvent>(
                        "WHERE serial_number IN (SELECT serial_number FROM certificates WHERE "
                        "credential_id = :credential_id) ORDER BY serial_number, number")) {}
};
// What happens to each certificate that `which` names, with its parameters in place of `In`.
template <class... In>
struct Note : Statement<Nothing, CertificateEventKind, std::int64_t, std::int64_t, In...> {
    Note(Session& session, const std::string& which)
        : Statement<Nothing, CertificateEventKind, std::int64_t, std::int64_t, In...>(
              session,
              "INSERT INTO certificate_events (serial_number, number, kind, reason, at) "
              "SELECT serial_number, (SELECT COUNT(*) + 1 FROM certificate_events WHERE "
              "certificate_events.serial_number = certificates.serial_number), "
              ":kind, :reason, :at FROM certificates WHERE " +
                  which) {}
};
constexpr auto one_serial = "serial_number = :serial_number";
constexpr auto not_revoked = "credential_id = :credential_id AND (status = 'good' OR reason = 6)";
constexpr auto on_hold = "credential_id = :credential_id AND status = 'revoked' AND reason = 6";
constexpr auto superseded =
    "credential_id = :credential_id AND serial_number <> :by_serial_number AND "
    "valid_to > :now AND (status = 'good' OR reason = 6)";
struct NoteOne final : Note<std::string> {
    explicit NoteOne(Session& session) : Note(session, one_serial) {}
};
struct NoteRevoked final : Note<std::string> {
    explicit NoteRevoked(Session& session) : Note(session, not_revoked) {}
};
struct NoteReleased final : Note<std::string> {
    explicit NoteReleased(Session& session) : Note(session, on_hold) {}
};
struct NoteSuperseded final : Note<std::string, std::string, std::int64_t> {
    explicit NoteSuperseded(Session& session) : Note(session, superseded) {}
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
                    std::string("UPDATE certificates SET status = 'revoked', reason = :reason, "
                                "changed_at = :changed_at WHERE ") +
                        not_revoked) {}
};
struct RevokeOne final : Statement<Nothing, std::int64_t, std::int64_t, std::string> {
    explicit RevokeOne(Session& session)
        : Statement(session,
                    std::string("UPDATE certificates SET status = 'revoked', reason = :reason, "
                                "changed_at = :changed_at WHERE ") +
                        one_serial) {}
};
struct Supersede final
    : Statement<Nothing, std::int64_t, std::int64_t, std::string, std::string, std::int64_t> {
    explicit Supersede(Session& session)
        : Statement(session,
                    std::string("UPDATE certificates SET status = 'revoked', reason = :reason, "
                                "changed_at = :changed_at WHERE ") +
                        superseded) {}
};
struct Release final : Statement<Nothing, std::int64_t, std::string> {
    explicit Release(Session& session)
        : Statement(session,
                    std::string("UPDATE certificates SET status = 'good', reason = 0, "
                                "changed_at = :changed_at WHERE ") +
                        on_hold) {}
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

std::string_view name(CertificateEventKind kind) {
    return Words<CertificateEventKind>::list.at(static_cast<std::size_t>(kind));
}

Result<void> CertificateTable::insert(const IssuedCertificate& certificate,
                                      CertificateEventKind how) {
    TRY(session_.prepared<Insert>().run(certificate));
    return note(certificate.serial_number, how, certificate.changed_at);
}

Result<void> CertificateTable::note(const std::string& serial_number,
                                    CertificateEventKind kind,
                                    std::int64_t now) {
    return done(session_.prepared<NoteOne>().run(kind, no_reason, now, serial_number));
}

Result<std::vector<IssuedCertificate>> CertificateTable::of_credential(
    const std::string& credential_id) {
    return session_.prepared<OfCredential>().all(credential_id);
}

Result<std::vector<CertificateEvent>> CertificateTable::events_of(
    const std::string& credential_id) {
    return session_.prepared<EventsOf>().all(credential_id);
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
    TRY(session_.prepared<NoteRevoked>().run(
        kind_of(reason), reason_of_event(reason), now, credential_id));
    return done(session_.prepared<Revoke>().run(reason, now, credential_id));
}

Result<void> CertificateTable::revoke_one(const std::string& serial_number,
                                          std::int64_t reason,
                                          std::int64_t now) {
    TRY(session_.prepared<NoteOne>().run(
        kind_of(reason), reason_of_event(reason), now, serial_number));
    return done(session_.prepared<RevokeOne>().run(reason, now, serial_number));
}

Result<void> CertificateTable::supersede(const std::string& credential_id,
                                         const std::string& by_serial_number,
                                         std::int64_t now) {
    TRY(session_.prepared<NoteSuperseded>().run(CertificateEventKind::revoked,
                                                reason_superseded,
                                                now,
                                                credential_id,
                                                by_serial_number,
                                                now));
    return done(session_.prepared<Supersede>().run(
        reason_superseded, now, credential_id, by_serial_number, now));
}

Result<void> CertificateTable::release(const std::string& credential_id, std::int64_t now) {
    TRY(session_.prepared<NoteReleased>().run(
        CertificateEventKind::resumed, no_reason, now, credential_id));
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
