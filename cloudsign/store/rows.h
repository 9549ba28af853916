#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/pki/profile.h"
#include "cloudsign/store/client_settings.h"
#include "cloudsign/transaction/state.h"
#include "hsm/protocol/types.h"

// The rows of the database (migrations/0001_first.sql says what each column means). Bytes are raw
// here and base64url in the database; times are milliseconds UTC; a nullable column is an optional.
namespace cloudsign::store {

enum class ClientStatus { active, disabled };
struct Client {
    std::string id;
    std::string name;
    std::string secret_hash;  // text of identity/client_secret.h
    bool all_signers = false;
    ClientStatus status = ClientStatus::active;
    std::int64_t created_at = 0;
    ClientSettings settings;
    std::optional<hsm::Digest> account_token_key{};  // SHA-256 of the secret
    std::int64_t proof_version = 0;  // another for each secret and each way to authenticate
};

enum class SignerStatus { active, frozen, deleted };
struct Signer {
    std::string id;
    std::string name;
    std::string subject;
    std::string language;
    SignerStatus status = SignerStatus::active;
    std::int64_t created_at = 0;
    std::optional<std::string> account{};  // citizen's card, passport or tax number
    std::optional<std::string> email{};    // for notices
};

enum class DeviceOwner { signer, officer };
// joining: a new phone, not yet in place; of an officer, a link that is not yet opened
enum class DeviceStatus { active, removed, joining };
struct Device {
    std::string id;
    DeviceOwner owner_kind = DeviceOwner::signer;
    std::string owner_id;
    std::string name;
    hsm::Digest session_hash{};
    hsm::protocol::Point point{};
    hsm::Digest thumbprint{};
    bool backup_eligible = false;
    DeviceStatus status = DeviceStatus::active;
    std::int64_t created_at = 0;
    std::int64_t last_used_at = 0;
};

// outside: the key is none of the modules'; it is certified here and used elsewhere
enum class CredentialOwner { signer, issuer, ocsp, tsa, outside };
enum class CredentialStatus { invited, binding, bound, enabled, disabled, deleted };
struct Credential {
    std::string id;
    CredentialOwner owner_kind = CredentialOwner::signer;
    std::optional<std::string> signer_id;
    hsm::protocol::KeyType key_type = hsm::protocol::KeyType::p256;
    CredentialStatus status = CredentialStatus::invited;
    std::string description;
    std::optional<hsm::Digest> key_id;
    std::uint32_t version = 0;
    std::optional<Bytes> blob;
    std::optional<Bytes> certificate;
    std::optional<std::string> issuer_id;
    std::optional<std::string> serial_number;
    std::optional<std::int64_t> valid_from;
    std::optional<std::int64_t> valid_to;
    std::int64_t created_at = 0;
    pki::Profile profile = pki::Profile::person;  // of its certificates
    std::optional<Bytes> public_key{};  // of owner outside, which has no blob: SubjectPublicKeyInfo
};

struct Invitation {
    hsm::Digest token_hash{};
    std::string credential_id;
    std::int64_t expires_at = 0;
    std::optional<std::int64_t> used_at;
};

// One thing to sign: what is hashed into a leaf.
struct Document {
    Bytes hash;
    std::string label;

    friend bool operator==(const Document&, const Document&) = default;
};

enum class Approver { signer, officer, both };
struct Transaction {
    std::string id;
    hsm::protocol::Purpose purpose = hsm::protocol::Purpose::sign;
    transaction::State state = transaction::State::created;
    std::string reason;
    Approver approver_kind = Approver::signer;
    std::string approver_id;
    std::string credential_id;
    std::optional<std::string> client_id;
    hsm::Digest request_hash{};
    std::vector<Document> documents;
    hsm::protocol::Algorithm algorithm;
    std::string portal;
    std::string purpose_text;
    std::string code;
    std::string language;
    std::string payload;  // JSON of the purpose, as the service that opened it wrote it
    hsm::Digest module_id{};
    Bytes preimage;
    hsm::Digest mac{};
    hsm::Digest challenge{};
    std::int64_t created_at = 0;
    std::int64_t answer_by = 0;
    std::int64_t sign_by = 0;
    std::optional<std::int64_t> approved_at;
    std::uint32_t sad_version = 0;  // how often its SAD was renewed
};

struct CoolDown {
    std::string client_id;
    std::string signer_id;
    std::int64_t until = 0;
    std::uint32_t strikes = 0;
};

struct AssertionRow {
    std::string transaction_id;
    hsm::Digest thumbprint{};
    Bytes assertion;  // .cbor hsm::protocol::Assertion
    std::string device_id;
    std::int64_t created_at = 0;
};

enum class OccurrenceState { authorised, signed_, spent };
struct Occurrence {
    std::string transaction_id;
    std::uint32_t position = 0;
    Bytes hash;
    OccurrenceState state = OccurrenceState::authorised;
    std::optional<Bytes> signature;
    std::optional<Bytes> receipt;
    std::optional<std::int64_t> signed_at;
};

// What the server signs by itself once it may.
enum class AsyncForm { hash, document };
enum class AsyncState { pending, finished };
struct AsyncRequest {
    std::string id;
    std::string transaction_id;
    std::string client_id;
    AsyncForm form = AsyncForm::hash;
    std::string parts;                     // JSON of the dialect that asked
    std::vector<std::uint32_t> positions;  // of occurrences, in the order of the answer
    std::optional<std::string> response_uri;
    AsyncState state = AsyncState::pending;
    std::int64_t created_at = 0;
    std::int64_t keep_until = 0;
};

// With which a portal logs in for one person.
struct ApplicationLogin {
    std::string id;
    std::string client_id;
    std::string signer_id;
    std::string password_hash;  // text of identity/client_secret.h
    std::int64_t created_at = 0;
    std::int64_t proof_version = 0;  // another for each password
};

}  // namespace cloudsign::store
