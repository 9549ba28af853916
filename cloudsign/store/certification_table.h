#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

// issued, refused: by the authority; replaced: asked for anew. All but open are over.
enum class CertificationState { open, issued, refused, replaced };
std::string_view name(CertificationState state);

// What a person's key asks another authority for (migrations/0021_external_ca.sql).
struct CertificationRequest {
    std::string transaction_id;
    std::string credential_id;
    Bytes request_info;
    CertificationState state = CertificationState::open;
    std::string detail;
    std::int64_t attempts = 0;
    std::int64_t next_at = 0;
    Bytes authority_transaction{};
    std::int64_t created_at = 0;
};

// told: by us, or by somebody who says so; refused: by the authority. Both are over.
enum class ExternalRevocationState { open, told, refused };
std::string_view name(ExternalRevocationState state);

// A certificate of another authority that is revoked here, and what that authority knows of it.
struct ExternalRevocation {
    std::string serial_number;
    std::string credential_id;
    Bytes certificate;
    std::int64_t reason = 0;  // RFC 5280 §5.3.1
    ExternalRevocationState state = ExternalRevocationState::open;
    std::string detail;
    std::int64_t attempts = 0;
    std::int64_t next_at = 0;
    std::int64_t created_at = 0;  // when it was revoked here
};

// Requests to another authority, and the chains of what it has issued. Errors as ClientTable's.
class CertificationTable {
public:
    explicit CertificationTable(Session& session) : session_(session) {}

    Result<void> insert(const CertificationRequest& request);
    // The credential's, newest first, at most `limit`.
    Result<std::vector<CertificationRequest>> of_credential(const std::string& credential_id,
                                                            std::uint32_t limit);
    // Those that are open, signed by the person, and to be sent by now; oldest first.
    Result<std::vector<CertificationRequest>> due(std::int64_t now, std::uint32_t limit);
    // Writes state, detail, attempts, next_at and the authority's transaction, while it is open.
    Result<void> update(const CertificationRequest& request);
    // Every open one of the credential is in this state from now on.
    Result<void> close(const std::string& credential_id, CertificationState state);

    // Revoked for good, and not ended by `now`: those that the authority is to be told of by then,
    // oldest first; and all that it has not been told of, whatever has come of it.
    Result<std::vector<ExternalRevocation>> revocations_due(std::int64_t now, std::uint32_t limit);
    Result<std::vector<ExternalRevocation>> untold(std::int64_t now, std::uint32_t limit);
    Result<std::optional<ExternalRevocation>> untold_one(const std::string& serial_number,
                                                         std::int64_t now);
    // Writes state, detail, attempts and next_at.
    Result<void> put_revocation(const ExternalRevocation& revocation);

    // When the next of due() or revocations_due() is.
    Result<std::optional<std::int64_t>> next_due(std::int64_t now);

    // `chain` without the certificate itself.
    Result<void> insert_chain(const std::string& serial_number, const std::vector<Bytes>& chain);
    Result<std::vector<Bytes>> chain_of(const std::string& serial_number);

private:
    Session& session_;
};

}  // namespace cloudsign::store
