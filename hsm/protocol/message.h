#pragma once

#include "hsm/protocol/activation.h"
#include "hsm/protocol/ceremony.h"
#include "hsm/protocol/codec.h"
#include "hsm/protocol/command.h"
#include "hsm/protocol/key_blob.h"
#include "hsm/protocol/occurrence.h"
#include "hsm/protocol/self_test.h"
#include "hsm/protocol/update_message.h"

// Requests and responses: PROTOCOL.md "Messages". On the stream each message is its length as a
// 16-bit big-endian number, then
//   request  = [command, request_id, body]
//   response = [request_id, status, body]   ; body = {} unless status is ok
// Views in a decoded body point into the message's buffer.
namespace hsm::protocol {

// When each self-test has last passed, in milliseconds since the start; 0: not yet, or there is no
// such test here. The item of SelfTest number n is the one with index n - 1.
using SelfTestTimes = BoundedList<std::uint64_t, self_tests_max>;

struct GetInfoRequest {
    static constexpr auto command = Command::get_info;
    static constexpr auto fields = std::tuple();
};
struct GetInfoResponse {
    State state = State::blank;
    AssuranceClass assurance_class = AssuranceClass::software;
    Digest module_id{};      // SHA-256(identity_spki)
    ByteView identity_spki;  // the device identity key
    Digest firmware_hash{};
    std::uint64_t boot_counter = 0;
    std::uint64_t tick_ms = 0;    // since the module started
    std::uint32_t epoch = 0;      // the current KEK; 0 before provisioning
    ByteView device_certificate;  // X.509, DER; empty before provisioning
    ByteView configuration;       // .cbor GroupConfiguration; empty before provisioning
    Nonce provisioning_nonce{};   // fresh at each start; what custodian and officers sign
    std::uint64_t first_log_index = 0;
    std::uint64_t next_log_index = 0;
    std::uint8_t log_fill_percent = 0;
    std::string_view engine;     // "softhsm", "psa"
    std::uint8_t separated = 0;  // 1: runs under a uid of its own (Linux)
    SelfTestTimes self_tests;
    std::uint8_t failed_self_test = 0;  // its SelfTest number; 0: none
    std::uint64_t self_test_failed_at = 0;

    static constexpr auto fields =
        std::tuple(Field<1, &GetInfoResponse::state, 6, 1>{},
                   Field<2, &GetInfoResponse::assurance_class, 3, 1>{},
                   Field<3, &GetInfoResponse::module_id, 32>{},
                   Field<4, &GetInfoResponse::identity_spki, spki_size_max>{},
                   Field<5, &GetInfoResponse::firmware_hash, 32>{},
                   Field<6, &GetInfoResponse::boot_counter, UINT64_MAX>{},
                   Field<7, &GetInfoResponse::tick_ms, UINT64_MAX>{},
                   Field<8, &GetInfoResponse::epoch, UINT32_MAX>{},
                   Field<9, &GetInfoResponse::device_certificate, certificate_size_max>{},
                   Field<10, &GetInfoResponse::configuration, configuration_size_max>{},
                   Field<11, &GetInfoResponse::provisioning_nonce, 32>{},
                   Field<12, &GetInfoResponse::first_log_index, UINT64_MAX>{},
                   Field<13, &GetInfoResponse::next_log_index, UINT64_MAX>{},
                   Field<14, &GetInfoResponse::log_fill_percent, 100>{},
                   Field<15, &GetInfoResponse::engine, 32>{},
                   Field<16, &GetInfoResponse::separated, 1>{},
                   Field<17, &GetInfoResponse::self_tests, UINT64_MAX>{},
                   Field<18, &GetInfoResponse::failed_self_test, self_tests_max>{},
                   Field<19, &GetInfoResponse::self_test_failed_at, UINT64_MAX>{});
};

// Every self-test, now. `self_test_failed` when one fails: then the module has `failed`, and
// get_info says which.
struct SelfTestRequest {
    static constexpr auto command = Command::self_test;
    static constexpr auto fields = std::tuple();
};
struct SelfTestResponse {
    SelfTestTimes self_tests;
    static constexpr auto fields =
        std::tuple(Field<1, &SelfTestResponse::self_tests, UINT64_MAX>{});
};

// Opens the engine's keys with the unlock secret (`secret_wrong`).
struct UnlockRequest {
    static constexpr auto command = Command::unlock;
    ByteView secret;
    static constexpr auto fields = std::tuple(Field<1, &UnlockRequest::secret, 64, 1>{});
};
using UnlockResponse = Empty;

// PROTOCOL.md "First start" and "KEK ceremony". make, join: its simplest form, where the KEK stays
// in a token; ceremony: the KEK comes afterwards, and with it its shares.
enum class EpochMode : std::uint8_t { make = 1, join = 2, ceremony = 3 };
struct ProvisionRequest {
    static constexpr auto command = Command::provision;
    ByteView configuration;       // .cbor GroupConfiguration
    ByteView device_certificate;  // for the identity key, from the offline root
    // Beside each custodian of the configuration: DER ECDSA over ProvisionStatement, or empty.
    BoundedList<ByteView, custodians_max> custodian_signatures;
    Assertions assertions;  // one of each officer, challenge = SHA-256(ProvisionStatement)
    EpochMode mode = EpochMode::make;
    std::uint64_t host_time = 0;
    static constexpr auto fields = std::tuple(
        Field<1, &ProvisionRequest::configuration, configuration_size_max>{},
        Field<2, &ProvisionRequest::device_certificate, certificate_size_max>{},
        Field<3, &ProvisionRequest::custodian_signatures, ecdsa_der_size_max>{},
        Field<4, &ProvisionRequest::assertions, assertion_size_max, 0, assertions_total_size_max>{},
        Field<5, &ProvisionRequest::mode, 3, 1>{},
        Field<6, &ProvisionRequest::host_time, UINT64_MAX>{});
};
using ProvisionResponse = Empty;

// Tells a board that came out of its box who may connect; once.
struct InstallHostsRequest {
    static constexpr auto command = Command::install_hosts;
    BoundedList<std::string_view, hosts_max> names;
    BoundedList<std::uint8_t, hosts_max> roles;  // beside each: one Role
    BoundedList<Nonce, hosts_max> keys;          // beside each: its pre-shared key
    static constexpr auto fields =
        std::tuple(Field<1, &InstallHostsRequest::names, identity_size_max, 1>{},
                   Field<2, &InstallHostsRequest::roles, 4, 1>{},
                   Field<3, &InstallHostsRequest::keys, 32>{});
};
using InstallHostsResponse = Empty;

// A key pair made inside, sealed, unbound: version 0 signs nothing. The policy is already final:
// bind turns this blob on for exactly these activation keys and this subject.
struct GenerateKeyRequest {
    static constexpr auto command = Command::generate_key;
    KeyKind kind = KeyKind::person;
    KeyType key_type = KeyType::p256;
    ByteView policy;  // .cbor Policy
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &GenerateKeyRequest::kind, 5, 1>{},
                   Field<2, &GenerateKeyRequest::key_type, 5, 1>{},
                   Field<3, &GenerateKeyRequest::policy, policy_size_max>{},
                   Field<4, &GenerateKeyRequest::host_time, UINT64_MAX>{});
};
struct BlobResponse {
    ByteView blob;
    static constexpr auto fields = std::tuple(Field<1, &BlobResponse::blob, blob_size_max>{});
};
using GenerateKeyResponse = BlobResponse;

// An activation that the module opened, as the host hands it back.
struct ActivationProof {
    ByteView preimage;  // .cbor ChallengePreimage
    Digest mac{};
};

struct BindRequest {
    static constexpr auto command = Command::bind;
    ByteView blob;  // unbound
    ByteView preimage;
    Digest mac{};
    Assertions assertions;  // of every activation key in the policy and of one officer
    std::uint64_t host_time = 0;
    static constexpr auto fields = std::tuple(
        Field<1, &BindRequest::blob, blob_size_max>{},
        Field<2, &BindRequest::preimage, preimage_size_max>{},
        Field<3, &BindRequest::mac, 32>{},
        Field<4, &BindRequest::assertions, assertion_size_max, 0, assertions_total_size_max>{},
        Field<5, &BindRequest::host_time, UINT64_MAX>{});
};
using BindResponse = BlobResponse;

struct OpenActivationRequest {
    static constexpr auto command = Command::open_activation;
    ByteView blob;
    Purpose purpose = Purpose::sign;
    Algorithm algorithm;
    std::uint32_t leaf_count = 0;
    Digest root{};
    Digest context_hash{};
    std::uint64_t lifetime_ms = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &OpenActivationRequest::blob, blob_size_max>{},
                   Field<2, &OpenActivationRequest::purpose, 5, 1>{},
                   Field<3, &OpenActivationRequest::algorithm, 64>{},
                   Field<4, &OpenActivationRequest::leaf_count, leaf_count_max, 1>{},
                   Field<5, &OpenActivationRequest::root, 32>{},
                   Field<6, &OpenActivationRequest::context_hash, 32>{},
                   Field<7, &OpenActivationRequest::lifetime_ms, UINT64_MAX, 1>{});
};
struct OpenActivationResponse {
    ByteView preimage;
    Digest mac{};
    Digest challenge{};  // SHA-256(preimage)
    static constexpr auto fields =
        std::tuple(Field<1, &OpenActivationResponse::preimage, preimage_size_max>{},
                   Field<2, &OpenActivationResponse::mac, 32>{},
                   Field<3, &OpenActivationResponse::challenge, 32>{});
};

struct SignRequest {
    static constexpr auto command = Command::sign;
    ByteView blob;
    ByteView preimage;
    Digest mac{};
    Assertions assertions;  // person: one activation key; issuer: k officers
    std::uint32_t leaf_index = 0;
    ByteView hash;
    Digest label_hash{};  // SHA-256(label)
    ByteView path;        // siblings, 32 bytes each, leaf to root
    std::uint64_t host_time = 0;
    static constexpr auto fields = std::tuple(
        Field<1, &SignRequest::blob, blob_size_max>{},
        Field<2, &SignRequest::preimage, preimage_size_max>{},
        Field<3, &SignRequest::mac, 32>{},
        Field<4, &SignRequest::assertions, assertion_size_max, 0, assertions_total_size_max>{},
        Field<5, &SignRequest::leaf_index, leaf_count_max>{},
        Field<6, &SignRequest::hash, 64>{},
        Field<7, &SignRequest::label_hash, 32>{},
        Field<8, &SignRequest::path, path_length_max * 32>{},
        Field<9, &SignRequest::host_time, UINT64_MAX>{});
};
struct SignResponse {
    ByteView signature;  // ECDSA: DER Ecdsa-Sig-Value; RSA: as RFC 8017
    ByteView receipt;    // .cbor [record, signature]: PROTOCOL.md "Receipts"
    static constexpr auto fields =
        std::tuple(Field<1, &SignResponse::signature, signature_size_max>{},
                   Field<2, &SignResponse::receipt, receipt_size_max>{});
};

// The answer to a `sign` that was made and not yet acknowledged, also after a restart.
struct GetResultRequest {
    static constexpr auto command = Command::get_result;
    Digest challenge{};
    std::uint32_t leaf_index = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &GetResultRequest::challenge, 32>{},
                   Field<2, &GetResultRequest::leaf_index, leaf_count_max>{});
};
using GetResultResponse = SignResponse;

struct AcknowledgeRequest {
    static constexpr auto command = Command::acknowledge;
    BoundedList<OccurrenceBytes, acknowledged_max> occurrences;
    static constexpr auto fields =
        std::tuple(Field<1, &AcknowledgeRequest::occurrences, occurrence_size>{});
};
using AcknowledgeResponse = Empty;

struct RebindPrepareRequest {
    static constexpr auto command = Command::rebind_prepare;
    ByteView blob;
    ByteView preimage;
    Digest mac{};
    Assertions assertions;  // of one old activation key and of every key that is new
    ByteView new_policy;
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &RebindPrepareRequest::blob, blob_size_max>{},
                   Field<2, &RebindPrepareRequest::preimage, preimage_size_max>{},
                   Field<3, &RebindPrepareRequest::mac, 32>{},
                   Field<4,
                         &RebindPrepareRequest::assertions,
                         assertion_size_max,
                         0,
                         rebind_assertions_total_size_max>{},
                   Field<5, &RebindPrepareRequest::new_policy, policy_size_max>{},
                   Field<6, &RebindPrepareRequest::host_time, UINT64_MAX>{});
};
struct RebindPrepareResponse {
    ByteView revocation;  // .cbor [RevocationStatement, mac]: for `revoke` on every other member
    static constexpr auto fields =
        std::tuple(Field<1, &RebindPrepareResponse::revocation, group_statement_size_max>{});
};

struct RevokeRequest {
    static constexpr auto command = Command::revoke;
    ByteView revocation;
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &RevokeRequest::revocation, group_statement_size_max>{},
                   Field<2, &RevokeRequest::host_time, UINT64_MAX>{});
};
struct RevokeResponse {
    ByteView acknowledgement;  // .cbor [RevokedStatement, mac]
    static constexpr auto fields =
        std::tuple(Field<1, &RevokeResponse::acknowledgement, group_statement_size_max>{});
};

struct RebindFinishRequest {
    static constexpr auto command = Command::rebind_finish;
    ByteView blob;  // the old one
    ByteView new_policy;
    BoundedList<ByteView, members_max> acknowledgements;  // of every other member
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &RebindFinishRequest::blob, blob_size_max>{},
                   Field<2, &RebindFinishRequest::new_policy, policy_size_max>{},
                   Field<3, &RebindFinishRequest::acknowledgements, group_statement_size_max>{},
                   Field<4, &RebindFinishRequest::host_time, UINT64_MAX>{});
};
using RebindFinishResponse = BlobResponse;

struct AttestKeyRequest {
    static constexpr auto command = Command::attest_key;
    ByteView blob;
    Nonce nonce{};
    static constexpr auto fields = std::tuple(Field<1, &AttestKeyRequest::blob, blob_size_max>{},
                                              Field<2, &AttestKeyRequest::nonce, 32>{});
};
struct SignedResponse {
    ByteView signed_statement;  // .cbor [statement, signature by the device identity key]
    static constexpr auto fields =
        std::tuple(Field<1, &SignedResponse::signed_statement, signed_statement_size_max>{});
};
using AttestKeyResponse = SignedResponse;

// Officers end a key, on one member; the revocation is for `revoke` on every other.
struct RevokeKeyRequest {
    static constexpr auto command = Command::revoke_key;
    ByteView blob;
    ByteView preimage;
    Digest mac{};
    Assertions assertions;
    std::uint64_t host_time = 0;
    static constexpr auto fields = std::tuple(
        Field<1, &RevokeKeyRequest::blob, blob_size_max>{},
        Field<2, &RevokeKeyRequest::preimage, preimage_size_max>{},
        Field<3, &RevokeKeyRequest::mac, 32>{},
        Field<4, &RevokeKeyRequest::assertions, assertion_size_max, 0, assertions_total_size_max>{},
        Field<5, &RevokeKeyRequest::host_time, UINT64_MAX>{});
};
using RevokeKeyResponse = RebindPrepareResponse;

// PROTOCOL.md "Services": what a key signs without anybody's approval, because the module itself
// hashes it and has looked at what it is.
struct SignServiceRequest {
    static constexpr auto command = Command::sign_service;
    ByteView blob;  // of kind ocsp or tsa
    Algorithm algorithm;
    ByteView content;     // ocsp: ResponseData; tsa: TSTInfo. DER
    ByteView attributes;  // tsa: the signed attributes, SET OF Attribute; ocsp: empty
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &SignServiceRequest::blob, blob_size_max>{},
                   Field<2, &SignServiceRequest::algorithm, 64>{},
                   Field<3, &SignServiceRequest::content, service_content_size_max>{},
                   Field<4, &SignServiceRequest::attributes, service_attributes_size_max>{},
                   Field<5, &SignServiceRequest::host_time, UINT64_MAX>{});
};
struct SignServiceResponse {
    ByteView signature;
    static constexpr auto fields =
        std::tuple(Field<1, &SignServiceResponse::signature, signature_size_max>{});
};

// A TBSCertList, piece by piece. One at a time: beginning another ends the one before.
struct ListBeginRequest {
    static constexpr auto command = Command::list_begin;
    std::uint32_t size = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &ListBeginRequest::size, list_size_max, 1>{});
};
using ListBeginResponse = Empty;

struct ListWriteRequest {
    static constexpr auto command = Command::list_write;
    std::uint32_t offset = 0;
    ByteView piece;
    static constexpr auto fields =
        std::tuple(Field<1, &ListWriteRequest::offset, list_size_max>{},
                   Field<2, &ListWriteRequest::piece, list_piece_size_max, 1>{});
};
using ListWriteResponse = Empty;

struct ListFinishRequest {
    static constexpr auto command = Command::list_finish;
    ByteView blob;  // of kind issuer
    Algorithm algorithm;
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &ListFinishRequest::blob, blob_size_max>{},
                   Field<2, &ListFinishRequest::algorithm, 64>{},
                   Field<3, &ListFinishRequest::host_time, UINT64_MAX>{});
};
using ListFinishResponse = SignServiceResponse;

struct AuditHeadRequest {
    static constexpr auto command = Command::audit_head;
    Nonce challenge{};  // the auditor's own
    std::uint64_t host_time = 0;
    static constexpr auto fields = std::tuple(Field<1, &AuditHeadRequest::challenge, 32>{},
                                              Field<2, &AuditHeadRequest::host_time, UINT64_MAX>{});
};
using AuditHeadResponse = SignedResponse;

struct AuditExportRequest {
    static constexpr auto command = Command::audit_export;
    std::uint64_t from_index = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &AuditExportRequest::from_index, UINT64_MAX, 1>{});
};
// As many records as the limits allow, at least one; none when from_index is the next index.
struct AuditExportResponse {
    BoundedList<ByteView, export_records_max> records;
    static constexpr auto fields = std::tuple(Field<1,
                                                    &AuditExportResponse::records,
                                                    record_size_max,
                                                    0,
                                                    export_records_total_size_max>{});
};

// Records up to and with this index have been exported: their space may be used again.
struct AuditReleaseRequest {
    static constexpr auto command = Command::audit_release;
    std::uint64_t up_to_index = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &AuditReleaseRequest::up_to_index, UINT64_MAX>{});
};
using AuditReleaseResponse = Empty;

// Makes the KEK of an epoch and shares it among the configuration's custodians: PROTOCOL.md "KEK
// ceremony".
struct CeremonyMakeRequest {
    static constexpr auto command = Command::ceremony_make;
    std::uint32_t epoch = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &CeremonyMakeRequest::epoch, UINT32_MAX, 1>{});
};
struct CeremonyMakeResponse {
    ByteView ceremony;                             // .cbor [CeremonyStatement, signature]
    ByteView share_set;                            // .cbor ShareSet
    BoundedList<ByteView, custodians_max> shares;  // .cbor OutwardShare, in the custodians' order
    static constexpr auto fields =
        std::tuple(Field<1, &CeremonyMakeResponse::ceremony, signed_statement_size_max>{},
                   Field<2, &CeremonyMakeResponse::share_set, share_set_size_max>{},
                   Field<3, &CeremonyMakeResponse::shares, sealed_share_size_max>{});
};

// Opens a ceremony to take the shares of a set in.
struct CeremonyRestoreRequest {
    static constexpr auto command = Command::ceremony_restore;
    ByteView share_set;
    static constexpr auto fields =
        std::tuple(Field<1, &CeremonyRestoreRequest::share_set, share_set_size_max>{});
};
using CeremonyRestoreResponse = SignedResponse;  // of a CeremonyStatement

struct CeremonyShareRequest {
    static constexpr auto command = Command::ceremony_share;
    ByteView share;  // .cbor [InwardShare, signature by the custodian]
    static constexpr auto fields =
        std::tuple(Field<1, &CeremonyShareRequest::share, inward_share_size_max>{});
};
struct CeremonyShareResponse {
    std::uint8_t taken = 0;
    std::uint8_t needed = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &CeremonyShareResponse::taken, custodians_max>{},
                   Field<2, &CeremonyShareResponse::needed, custodians_max, 1>{});
};

// Proves the KEK that the shares give and keeps it.
struct CeremonyFinishRequest {
    static constexpr auto command = Command::ceremony_finish;
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &CeremonyFinishRequest::host_time, UINT64_MAX>{});
};
struct CeremonyFinishResponse {
    State state = State::operational;  // provisioned: a live member's table is still to come
    static constexpr auto fields = std::tuple(Field<1, &CeremonyFinishResponse::state, 6, 1>{});
};

// A live member's revocation table, page by page, for a restored one: PROTOCOL.md "Members".
struct TableExportRequest {
    static constexpr auto command = Command::table_export;
    Digest for_module{};
    Nonce nonce{};             // its provisioning nonce
    std::uint64_t cursor = 0;  // 0, then what the page before says
    static constexpr auto fields = std::tuple(Field<1, &TableExportRequest::for_module, 32>{},
                                              Field<2, &TableExportRequest::nonce, 32>{},
                                              Field<3, &TableExportRequest::cursor, UINT64_MAX>{});
};
struct TableExportResponse {
    ByteView page;           // .cbor [TableStatement, mac]
    std::uint64_t next = 0;  // the next cursor; 0 after the last page
    static constexpr auto fields =
        std::tuple(Field<1, &TableExportResponse::page, table_page_size_max>{},
                   Field<2, &TableExportResponse::next, UINT64_MAX>{});
};
struct TableImportRequest {
    static constexpr auto command = Command::table_import;
    ByteView page;
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &TableImportRequest::page, table_page_size_max>{},
                   Field<2, &TableImportRequest::host_time, UINT64_MAX>{});
};
struct TableImportResponse {
    State state = State::provisioned;  // operational after the last page
    static constexpr auto fields = std::tuple(Field<1, &TableImportResponse::state, 6, 1>{});
};

struct ChangeGroupRequest {
    static constexpr auto command = Command::change_group;
    ByteView configuration;  // .cbor GroupConfiguration, the next revision
    Assertions assertions;   // of k officers, and of every officer's passkey that is new
    // Beside each custodian of before: DER ECDSA over the ChangeStatement, or empty.
    BoundedList<ByteView, custodians_max> custodian_signatures;
    BoundedList<ByteView, members_max> receipts;  // .cbor [ZeroisedStatement, signature]
    std::uint64_t host_time = 0;
    static constexpr auto fields = std::tuple(
        Field<1, &ChangeGroupRequest::configuration, configuration_size_max>{},
        Field<2,
              &ChangeGroupRequest::assertions,
              assertion_size_max,
              0,
              change_assertions_total_size_max>{},
        Field<3, &ChangeGroupRequest::custodian_signatures, ecdsa_der_size_max>{},
        Field<4, &ChangeGroupRequest::receipts, zeroised_size_max, 0, receipts_total_size_max>{},
        Field<5, &ChangeGroupRequest::host_time, UINT64_MAX>{});
};
using ChangeGroupResponse = Empty;

struct ZeroiseRequest {
    static constexpr auto command = Command::zeroise;
    Assertions assertions;  // of k officers over the ZeroiseStatement
    std::uint64_t host_time = 0;
    static constexpr auto fields = std::tuple(
        Field<1, &ZeroiseRequest::assertions, assertion_size_max, 0, assertions_total_size_max>{},
        Field<2, &ZeroiseRequest::host_time, UINT64_MAX>{});
};
struct ZeroiseResponse {
    ByteView receipt;  // .cbor [ZeroisedStatement, signature]
    static constexpr auto fields =
        std::tuple(Field<1, &ZeroiseResponse::receipt, zeroised_size_max>{});
};

// A blob of the epoch before, sealed anew in the current one; the same bytes each time.
struct ResealRequest {
    static constexpr auto command = Command::reseal;
    ByteView blob;
    static constexpr auto fields = std::tuple(Field<1, &ResealRequest::blob, blob_size_max>{});
};
using ResealResponse = BlobResponse;

// All living blobs are sealed anew: the KEK of the epoch before is destroyed.
struct CloseEpochRequest {
    static constexpr auto command = Command::close_epoch;
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &CloseEpochRequest::host_time, UINT64_MAX>{});
};
using CloseEpochResponse = Empty;

template <class Request>
struct response_of;
#define HSM_RESPONSE_OF(name)           \
    template <>                         \
    struct response_of<name##Request> { \
        using type = name##Response;    \
    };
HSM_RESPONSE_OF(GetInfo)
HSM_RESPONSE_OF(Unlock)
HSM_RESPONSE_OF(Provision)
HSM_RESPONSE_OF(InstallHosts)
HSM_RESPONSE_OF(SelfTest)
HSM_RESPONSE_OF(GenerateKey)
HSM_RESPONSE_OF(Bind)
HSM_RESPONSE_OF(OpenActivation)
HSM_RESPONSE_OF(Sign)
HSM_RESPONSE_OF(GetResult)
HSM_RESPONSE_OF(Acknowledge)
HSM_RESPONSE_OF(RebindPrepare)
HSM_RESPONSE_OF(RebindFinish)
HSM_RESPONSE_OF(Revoke)
HSM_RESPONSE_OF(AttestKey)
HSM_RESPONSE_OF(RevokeKey)
HSM_RESPONSE_OF(SignService)
HSM_RESPONSE_OF(ListBegin)
HSM_RESPONSE_OF(ListWrite)
HSM_RESPONSE_OF(ListFinish)
HSM_RESPONSE_OF(AuditHead)
HSM_RESPONSE_OF(AuditExport)
HSM_RESPONSE_OF(AuditRelease)
HSM_RESPONSE_OF(CeremonyMake)
HSM_RESPONSE_OF(CeremonyRestore)
HSM_RESPONSE_OF(CeremonyShare)
HSM_RESPONSE_OF(CeremonyFinish)
HSM_RESPONSE_OF(TableExport)
HSM_RESPONSE_OF(TableImport)
HSM_RESPONSE_OF(ChangeGroup)
HSM_RESPONSE_OF(Zeroise)
HSM_RESPONSE_OF(Reseal)
HSM_RESPONSE_OF(CloseEpoch)
HSM_RESPONSE_OF(UpdateBegin)
HSM_RESPONSE_OF(UpdateWrite)
HSM_RESPONSE_OF(UpdateFinish)
HSM_RESPONSE_OF(UpdateState)
#undef HSM_RESPONSE_OF
template <class Request>
using ResponseOf = typename response_of<Request>::type;

// ---- envelope

// [command, request_id, …] and [request_id, status, …] before their bodies.
constexpr std::size_t request_head_size_max = 1 + 2 + 5;
constexpr std::size_t response_head_size_max = 1 + 5 + 3;

template <class Request>
inline constexpr bool fits_message =
    request_head_size_max + map_size_max<Request>() <= message_size_max&& response_head_size_max
                                                           + map_size_max<ResponseOf<Request>>() <=
    message_size_max;
static_assert(fits_message<GetInfoRequest> && fits_message<UnlockRequest> &&
              fits_message<SelfTestRequest> && fits_message<ProvisionRequest> &&
              fits_message<InstallHostsRequest> && fits_message<GenerateKeyRequest> &&
              fits_message<BindRequest> && fits_message<OpenActivationRequest> &&
              fits_message<SignRequest> && fits_message<GetResultRequest> &&
              fits_message<AcknowledgeRequest> && fits_message<RebindPrepareRequest> &&
              fits_message<RevokeRequest> && fits_message<RebindFinishRequest> &&
              fits_message<AttestKeyRequest> && fits_message<RevokeKeyRequest> &&
              fits_message<SignServiceRequest> && fits_message<ListBeginRequest> &&
              fits_message<ListWriteRequest> && fits_message<ListFinishRequest> &&
              fits_message<AuditHeadRequest> && fits_message<AuditExportRequest> &&
              fits_message<AuditReleaseRequest> && fits_message<UpdateBeginRequest> &&
              fits_message<UpdateWriteRequest> && fits_message<UpdateFinishRequest> &&
              fits_message<UpdateStateRequest> && fits_message<CeremonyMakeRequest> &&
              fits_message<CeremonyRestoreRequest> && fits_message<CeremonyShareRequest> &&
              fits_message<CeremonyFinishRequest> && fits_message<TableExportRequest> &&
              fits_message<TableImportRequest> && fits_message<ChangeGroupRequest> &&
              fits_message<ZeroiseRequest> && fits_message<ResealRequest> &&
              fits_message<CloseEpochRequest>);

template <class Request>
Result<ByteView> encode_request(std::uint32_t request_id,
                                const Request& request,
                                MutableBytes buffer) {
    CborWriter writer(buffer);
    writer.array(3);
    writer.number(static_cast<std::uint64_t>(Request::command));
    writer.number(request_id);
    write_map(writer, request);
    writer.end();
    return writer.finish();
}

template <class Response>
Result<ByteView> encode_response(std::uint32_t request_id,
                                 const Response& response,
                                 MutableBytes buffer) {
    CborWriter writer(buffer);
    writer.array(3);
    writer.number(request_id);
    writer.number(static_cast<std::uint64_t>(Status::ok));
    write_map(writer, response);
    writer.end();
    return writer.finish();
}

inline Result<ByteView> encode_refusal(std::uint32_t request_id,
                                       Status status,
                                       MutableBytes buffer) {
    CborWriter writer(buffer);
    writer.array(3);
    writer.number(request_id);
    writer.number(static_cast<std::uint64_t>(status));
    writer.map(0);
    writer.end();
    writer.end();
    return writer.finish();
}

// The first two items of a request, read before the body so that a refusal can name the request.
struct RequestHead {
    std::uint64_t command_code = 0;
    std::uint32_t request_id = 0;
};
Result<RequestHead> decode_request_head(ByteView message);

namespace codec {

// The body of [code, request-id, body], and of [request-id, ok, body].
Result<void> read_request_body(ByteView message,
                               Command command,
                               std::span<const Rule> rules,
                               void* const* members);
Result<void> read_response_body(ByteView message,
                                std::span<const Rule> rules,
                                void* const* members);

}  // namespace codec

template <class Request>
Result<Request> decode_request_body(ByteView message) {
    Result<Request> request{Request{}};
    const auto members = codec::members_of(*request);
    TRY(codec::read_request_body(message, Request::command, codec::rules<Request>, members.data()));
    return request;
}

struct ResponseHead {
    std::uint32_t request_id = 0;
    Status status = Status::ok;
};
// `response_wrong` also for a refusal that is not whole: its body is {} and nothing follows.
Result<ResponseHead> decode_response_head(ByteView message);

// The body of a response whose head says ok; `response_wrong` for anything else.
template <class Response>
Result<Response> decode_response_body(ByteView message) {
    Result<Response> response{Response{}};
    const auto members = codec::members_of(*response);
    if (!codec::read_response_body(message, codec::rules<Response>, members.data())) {
        return Status::response_wrong;
    }
    return response;
}

// [statement, signature] and [statement, mac]: a signed or MACed structure of ours.
struct SignedBytes {
    ByteView statement;
    ByteView signature;
};
Result<ByteView> encode_signed(const SignedBytes& bytes, MutableBytes buffer);
Result<SignedBytes> decode_signed(ByteView bytes);

}  // namespace hsm::protocol
