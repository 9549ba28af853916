#pragma once

#include <tuple>

#include "cloudsign/store/cell.h"

// Which table and columns each row is. Inside cloudsign/store only.
namespace cloudsign::store {

template <>
struct Words<ClientStatus> {
    static constexpr std::array list = {"active", "disabled"};
};
template <>
struct Words<SignerStatus> {
    static constexpr std::array list = {"active", "frozen", "deleted"};
};
template <>
struct Words<DeviceOwner> {
    static constexpr std::array list = {"signer", "officer"};
};
template <>
struct Words<DeviceStatus> {
    static constexpr std::array list = {"active", "removed", "joining"};
};
template <>
struct Words<CredentialOwner> {
    static constexpr std::array list = {"signer", "issuer", "ocsp", "tsa", "outside"};
};
template <>
struct Words<CredentialStatus> {
    static constexpr std::array list = {
        "invited", "binding", "bound", "enabled", "disabled", "deleted"};
};
template <>
struct Words<pki::Profile> {
    static constexpr std::array list = {"root", "person", "organisation", "device", "ocsp", "tsa"};
};
template <>
struct Words<Approver> {
    static constexpr std::array list = {"signer", "officer", "both"};
};
template <>
struct Words<AsyncForm> {
    static constexpr std::array list = {"hash", "document"};
};
template <>
struct Words<AsyncState> {
    static constexpr std::array list = {"pending", "finished"};
};
template <>
struct Words<OccurrenceState> {
    static constexpr std::array list = {"authorised", "signed", "spent"};
};

template <>
struct Columns<Client> {
    static constexpr const char* table = "clients";
    static constexpr auto list = std::tuple(Column{"id", &Client::id},
                                            Column{"name", &Client::name},
                                            Column{"secret_hash", &Client::secret_hash},
                                            Column{"all_signers", &Client::all_signers},
                                            Column{"status", &Client::status},
                                            Column{"created_at", &Client::created_at},
                                            Column{"settings", &Client::settings},
                                            Column{"account_token_key", &Client::account_token_key},
                                            Column{"proof_version", &Client::proof_version});
};

template <>
struct Columns<Signer> {
    static constexpr const char* table = "signers";
    static constexpr auto list = std::tuple(Column{"id", &Signer::id},
                                            Column{"name", &Signer::name},
                                            Column{"subject", &Signer::subject},
                                            Column{"language", &Signer::language},
                                            Column{"status", &Signer::status},
                                            Column{"created_at", &Signer::created_at},
                                            Column{"account", &Signer::account},
                                            Column{"email", &Signer::email});
};

template <>
struct Columns<Device> {
    static constexpr const char* table = "devices";
    static constexpr auto list = std::tuple(Column{"id", &Device::id},
                                            Column{"owner_kind", &Device::owner_kind},
                                            Column{"owner_id", &Device::owner_id},
                                            Column{"name", &Device::name},
                                            Column{"session_hash", &Device::session_hash},
                                            Column{"point", &Device::point},
                                            Column{"thumbprint", &Device::thumbprint},
                                            Column{"backup_eligible", &Device::backup_eligible},
                                            Column{"status", &Device::status},
                                            Column{"created_at", &Device::created_at},
                                            Column{"last_used_at", &Device::last_used_at});
};

template <>
struct Columns<Credential> {
    static constexpr const char* table = "credentials";
    static constexpr auto list = std::tuple(Column{"id", &Credential::id},
                                            Column{"owner_kind", &Credential::owner_kind},
                                            Column{"signer_id", &Credential::signer_id},
                                            Column{"key_type", &Credential::key_type},
                                            Column{"status", &Credential::status},
                                            Column{"description", &Credential::description},
                                            Column{"key_id", &Credential::key_id},
                                            Column{"version", &Credential::version},
                                            Column{"blob", &Credential::blob},
                                            Column{"certificate", &Credential::certificate},
                                            Column{"issuer_id", &Credential::issuer_id},
                                            Column{"serial_number", &Credential::serial_number},
                                            Column{"valid_from", &Credential::valid_from},
                                            Column{"valid_to", &Credential::valid_to},
                                            Column{"created_at", &Credential::created_at},
                                            Column{"profile", &Credential::profile},
                                            Column{"public_key", &Credential::public_key});
};

template <>
struct Columns<Invitation> {
    static constexpr const char* table = "invitations";
    static constexpr auto list = std::tuple(Column{"token_hash", &Invitation::token_hash},
                                            Column{"credential_id", &Invitation::credential_id},
                                            Column{"expires_at", &Invitation::expires_at},
                                            Column{"used_at", &Invitation::used_at});
};

// Each part of a transaction's algorithm has a column of its own.
template <auto part>
struct AlgorithmPart {
    template <class Row>
    constexpr auto& operator()(Row& row) const {
        return row.algorithm.*part;
    }
};

template <>
struct Columns<Transaction> {
    static constexpr const char* table = "transactions";
    static constexpr auto list =
        std::tuple(Column{"id", &Transaction::id},
                   Column{"purpose", &Transaction::purpose},
                   Column{"state", &Transaction::state},
                   Column{"reason", &Transaction::reason},
                   Column{"approver_kind", &Transaction::approver_kind},
                   Column{"approver_id", &Transaction::approver_id},
                   Column{"credential_id", &Transaction::credential_id},
                   Column{"client_id", &Transaction::client_id},
                   Column{"request_hash", &Transaction::request_hash},
                   Column{"documents", &Transaction::documents},
                   Column{"scheme", AlgorithmPart<&hsm::protocol::Algorithm::scheme>{}},
                   Column{"digest", AlgorithmPart<&hsm::protocol::Algorithm::digest>{}},
                   Column{"salt_length", AlgorithmPart<&hsm::protocol::Algorithm::salt_length>{}},
                   Column{"portal", &Transaction::portal},
                   Column{"purpose_text", &Transaction::purpose_text},
                   Column{"code", &Transaction::code},
                   Column{"language", &Transaction::language},
                   Column{"payload", &Transaction::payload},
                   Column{"module_id", &Transaction::module_id},
                   Column{"preimage", &Transaction::preimage},
                   Column{"mac", &Transaction::mac},
                   Column{"challenge", &Transaction::challenge},
                   Column{"created_at", &Transaction::created_at},
                   Column{"answer_by", &Transaction::answer_by},
                   Column{"sign_by", &Transaction::sign_by},
                   Column{"approved_at", &Transaction::approved_at},
                   Column{"sad_version", &Transaction::sad_version});
};

template <>
struct Columns<CoolDown> {
    static constexpr const char* table = "cool_downs";
    static constexpr auto list = std::tuple(Column{"client_id", &CoolDown::client_id},
                                            Column{"signer_id", &CoolDown::signer_id},
                                            Column{"until", &CoolDown::until},
                                            Column{"strikes", &CoolDown::strikes});
};

template <>
struct Columns<AssertionRow> {
    static constexpr const char* table = "assertions";
    static constexpr auto list = std::tuple(Column{"transaction_id", &AssertionRow::transaction_id},
                                            Column{"thumbprint", &AssertionRow::thumbprint},
                                            Column{"assertion", &AssertionRow::assertion},
                                            Column{"device_id", &AssertionRow::device_id},
                                            Column{"created_at", &AssertionRow::created_at});
};

template <>
struct Columns<Occurrence> {
    static constexpr const char* table = "occurrences";
    static constexpr auto list = std::tuple(Column{"transaction_id", &Occurrence::transaction_id},
                                            Column{"position", &Occurrence::position},
                                            Column{"hash", &Occurrence::hash},
                                            Column{"state", &Occurrence::state},
                                            Column{"signature", &Occurrence::signature},
                                            Column{"receipt", &Occurrence::receipt},
                                            Column{"signed_at", &Occurrence::signed_at});
};

template <>
struct Columns<AsyncRequest> {
    static constexpr const char* table = "async_requests";
    static constexpr auto list = std::tuple(Column{"id", &AsyncRequest::id},
                                            Column{"transaction_id", &AsyncRequest::transaction_id},
                                            Column{"client_id", &AsyncRequest::client_id},
                                            Column{"form", &AsyncRequest::form},
                                            Column{"parts", &AsyncRequest::parts},
                                            Column{"positions", &AsyncRequest::positions},
                                            Column{"response_uri", &AsyncRequest::response_uri},
                                            Column{"state", &AsyncRequest::state},
                                            Column{"created_at", &AsyncRequest::created_at},
                                            Column{"keep_until", &AsyncRequest::keep_until});
};

template <>
struct Columns<ApplicationLogin> {
    static constexpr const char* table = "application_logins";
    static constexpr auto list =
        std::tuple(Column{"id", &ApplicationLogin::id},
                   Column{"client_id", &ApplicationLogin::client_id},
                   Column{"signer_id", &ApplicationLogin::signer_id},
                   Column{"password_hash", &ApplicationLogin::password_hash},
                   Column{"created_at", &ApplicationLogin::created_at},
                   Column{"proof_version", &ApplicationLogin::proof_version});
};

}  // namespace cloudsign::store
