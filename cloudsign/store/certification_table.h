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
    std::int64_t created_at = 0;
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
    // Writes state, detail, attempts and next_at, while it is open.
    Result<void> update(const CertificationRequest& request);
    // Every open one of the credential is in this state from now on.
    Result<void> close(const std::string& credential_id, CertificationState state);

    // `chain` without the certificate itself.
    Result<void> insert_chain(const std::string& serial_number, const std::vector<Bytes>& chain);
    Result<std::vector<Bytes>> chain_of(const std::string& serial_number);

private:
    Session& session_;
};

}  // namespace cloudsign::store
