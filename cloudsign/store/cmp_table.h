#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "cloudsign/pki/profile.h"

namespace cloudsign::store {

class Session;

enum class CmpAccountStatus { active, disabled };
// issued: there is a certificate; confirmed: the client has said that it takes it
enum class CmpState { waiting, issued, confirmed, refused };
std::string_view name(CmpAccountStatus status);
std::string_view name(CmpState state);

// Columns: migrations/0022_cmp.sql.
struct CmpAccount {
    std::string name;
    pki::Profile profile = pki::Profile::device;
    std::string secret;
    CmpAccountStatus status = CmpAccountStatus::active;
    std::int64_t created_at = 0;
};

struct CmpRequest {
    std::string id;
    std::string account;
    std::string transaction_id;
    Bytes message;
    std::string credential_id;
    std::string office_id;
    CmpState state = CmpState::waiting;
    std::string detail;
    std::int64_t created_at = 0;
};

// Who may ask for certificates by CMP, and what they have asked. Errors as ClientTable's.
class CmpTable {
public:
    explicit CmpTable(Session& session) : session_(session) {}

    Result<void> insert_account(const CmpAccount& account);
    Result<std::optional<CmpAccount>> account(const std::string& name);
    Result<std::vector<CmpAccount>> accounts();
    // Profile, secret and status. False when there is no such account.
    Result<bool> update_account(const CmpAccount& account);

    Result<void> insert(const CmpRequest& request);
    Result<std::optional<CmpRequest>> find(const std::string& account,
                                           const std::string& transaction_id);
    // The one for which the credential was made.
    Result<std::optional<CmpRequest>> of_credential(const std::string& credential_id);
    // Those of its requests that wait and were made after `since`, oldest first; and how many.
    Result<std::vector<CmpRequest>> waiting_of(const std::string& account,
                                               std::int64_t since,
                                               std::uint32_t limit);
    Result<std::int64_t> count_waiting(const std::string& account, std::int64_t since);
    // Whether a certificate of this key (SubjectPublicKeyInfo), of whomever, was revoked because
    // somebody else may have the key.
    Result<bool> is_compromised(const Bytes& public_key);
    // Newest first, those before `before_id`; empty starts at the newest.
    Result<std::vector<CmpRequest>> page(const std::string& before_id, std::uint32_t limit);
    // What officers are asked about it, its state and detail, where it is still in state `from`;
    // false if it is not.
    Result<bool> update(const CmpRequest& request, CmpState from);

private:
    Session& session_;
};

}  // namespace cloudsign::store
