#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

enum class IssuedStatus { good, revoked };

// Columns: migrations/0012_pki.sql.
struct IssuedCertificate {
    std::string serial_number;
    std::string issuer_id;
    std::string credential_id;
    Bytes certificate;
    std::int64_t valid_to = 0;
    IssuedStatus status = IssuedStatus::good;
    std::int64_t reason = 0;
    std::int64_t changed_at = 0;
};

enum class CertificateEventKind { issued, renewed, suspended, resumed, revoked, reminded };
std::string_view name(CertificateEventKind kind);

// Something that happened to a certificate (migrations/0020_certificate_life.sql). renewed: issued
// in the place of another of the same key; reminded: its owner was told that it ends soon.
struct CertificateEvent {
    std::string serial_number;
    std::uint32_t number = 0;  // from 1, set by the table
    CertificateEventKind kind = CertificateEventKind::issued;
    std::int64_t reason = 0;  // of revoked
    std::int64_t at = 0;
};

struct StoredRevocationList {
    std::string issuer_id;
    std::int64_t number = 0;
    std::int64_t this_update = 0;
    std::int64_t next_update = 0;
    Bytes list;
};

// RFC 5280 §5.3.1
constexpr std::int64_t reason_superseded = 4;
constexpr std::int64_t reason_cessation = 5;
constexpr std::int64_t reason_hold = 6;

// Certificates by what became of them, and lists of those that are revoked. Each change is written
// down as an event. Errors as ClientTable's.
class CertificateTable {
public:
    explicit CertificateTable(Session& session) : session_(session) {}

    // `how`: issued or renewed, at `changed_at`.
    Result<void> insert(const IssuedCertificate& certificate, CertificateEventKind how);
    Result<std::optional<IssuedCertificate>> by_serial(const std::string& serial_number);
    // Every certificate that the credential has had, oldest first; and what happened to them, to
    // each in order.
    Result<std::vector<IssuedCertificate>> of_credential(const std::string& credential_id);
    Result<std::vector<CertificateEvent>> events_of(const std::string& credential_id);
    // Revoked, and not expired before `since`; by serial number.
    Result<std::vector<IssuedCertificate>> revoked_of(const std::string& issuer_id,
                                                      std::int64_t since);
    // Every certificate of the credential that is good or on hold is revoked for this reason.
    Result<void> revoke(const std::string& credential_id, std::int64_t reason, std::int64_t now);
    // This one alone.
    Result<void> revoke_one(const std::string& serial_number,
                            std::int64_t reason,
                            std::int64_t now);
    // Those that it had before this one, where they have not ended yet: reason superseded.
    Result<void> supersede(const std::string& credential_id,
                           const std::string& by_serial_number,
                           std::int64_t now);
    // Ends a hold, and nothing else that is revoked.
    Result<void> release(const std::string& credential_id, std::int64_t now);

    // An event that changes no status.
    Result<void> note(const std::string& serial_number,
                      CertificateEventKind kind,
                      std::int64_t now);

    Result<std::optional<StoredRevocationList>> list_of(const std::string& issuer_id);
    Result<void> put_list(const StoredRevocationList& list);

private:
    Session& session_;
};

}  // namespace cloudsign::store
