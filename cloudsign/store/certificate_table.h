#pragma once

#include <cstdint>
#include <optional>
#include <string>
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

struct StoredRevocationList {
    std::string issuer_id;
    std::int64_t number = 0;
    std::int64_t this_update = 0;
    std::int64_t next_update = 0;
    Bytes list;
};

// RFC 5280 §5.3.1
constexpr std::int64_t reason_cessation = 5;
constexpr std::int64_t reason_hold = 6;

// Certificates by what became of them, and lists of those that are revoked. Errors as
// ClientTable's.
class CertificateTable {
public:
    explicit CertificateTable(Session& session) : session_(session) {}

    Result<void> insert(const IssuedCertificate& certificate);
    Result<std::optional<IssuedCertificate>> by_serial(const std::string& serial_number);
    // Revoked, and not expired before `since`; by serial number.
    Result<std::vector<IssuedCertificate>> revoked_of(const std::string& issuer_id,
                                                      std::int64_t since);
    // Every certificate of the credential that is good or on hold is revoked for this reason.
    Result<void> revoke(const std::string& credential_id, std::int64_t reason, std::int64_t now);
    // Ends a hold, and nothing else that is revoked.
    Result<void> release(const std::string& credential_id, std::int64_t now);

    Result<std::optional<StoredRevocationList>> list_of(const std::string& issuer_id);
    Result<void> put_list(const StoredRevocationList& list);

private:
    Session& session_;
};

}  // namespace cloudsign::store
