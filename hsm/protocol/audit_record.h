#pragma once

#include "hsm/protocol/ceremony.h"
#include "hsm/protocol/codec.h"

// Records of a module's audit log: PROTOCOL.md "Audit log". Each carries the SHA-256 of the record
// before it; the first carries SHA-256("kyso-log/1" ‖ module id).
namespace hsm::protocol {

inline constexpr std::string_view log_origin_tag = "kyso-log/1";

enum class RecordType : std::uint8_t {
    started = 1,
    provisioned = 2,
    key_generated = 3,
    key_bound = 4,
    rebind_prepared = 5,
    key_rebound = 6,
    key_revoked = 7,
    signed_leaf = 8,
    log_released = 9,
    update_approved = 10,
    ceremony_finished = 11,
    group_changed = 12,
    epoch_closed = 13,
    table_taken = 14,
    zeroise_approved = 15,
    service_signed = 16,
    revocation_approved = 17
};

// The outer shape, the same for every type; `details` is the map of the type's own struct.
struct AuditRecord {
    std::uint64_t index = 0;  // from 1, without gaps
    Digest previous{};
    RecordType type = RecordType::started;
    std::uint64_t boot_counter = 0;
    std::uint64_t tick_ms = 0;
    std::uint64_t host_time = 0;  // milliseconds UTC as the host said, unverified; 0 if unknown
    ByteView details;
    static constexpr auto fields =
        std::tuple(Field<1, &AuditRecord::index, UINT64_MAX, 1>{},
                   Field<2, &AuditRecord::previous, 32>{},
                   Field<3, &AuditRecord::type, 17, 1>{},
                   Field<4, &AuditRecord::boot_counter, UINT64_MAX>{},
                   Field<5, &AuditRecord::tick_ms, UINT64_MAX>{},
                   Field<6, &AuditRecord::host_time, UINT64_MAX>{},
                   Field<7, &AuditRecord::details, record_details_size_max>{});
};

struct StartedDetails {
    static constexpr auto type = RecordType::started;
    Digest firmware_hash{};
    AssuranceClass assurance_class = AssuranceClass::software;
    static constexpr auto fields = std::tuple(Field<1, &StartedDetails::firmware_hash, 32>{},
                                              Field<2, &StartedDetails::assurance_class, 3, 1>{});
};

struct ProvisionedDetails {
    static constexpr auto type = RecordType::provisioned;
    ByteView configuration;
    ByteView device_certificate;
    std::uint32_t epoch = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &ProvisionedDetails::configuration, configuration_size_max>{},
                   Field<2, &ProvisionedDetails::device_certificate, certificate_size_max>{},
                   Field<3, &ProvisionedDetails::epoch, UINT32_MAX>{});
};

struct KeyGeneratedDetails {
    static constexpr auto type = RecordType::key_generated;
    Digest key_id{};
    KeyKind kind = KeyKind::person;
    KeyType key_type = KeyType::p256;
    Digest policy_hash{};
    static constexpr auto fields = std::tuple(Field<1, &KeyGeneratedDetails::key_id, 32>{},
                                              Field<2, &KeyGeneratedDetails::kind, 5, 1>{},
                                              Field<3, &KeyGeneratedDetails::key_type, 5, 1>{},
                                              Field<4, &KeyGeneratedDetails::policy_hash, 32>{});
};

// A change of who can activate a key: bound (version 1), rebind prepared, rebound, revoked by
// officers (nobody from this version on).
struct KeyChangedDetails {
    Digest key_id{};
    std::uint32_t version = 0;  // after the change
    Digest policy_hash{};       // after the change
    Digest challenge{};         // zero for key_rebound, which follows its rebind_prepared
    BoundedList<Digest, assertions_max> thumbprints;
    BoundedList<Digest, assertions_max> assertion_hashes;
    static constexpr auto fields = std::tuple(Field<1, &KeyChangedDetails::key_id, 32>{},
                                              Field<2, &KeyChangedDetails::version, UINT32_MAX>{},
                                              Field<3, &KeyChangedDetails::policy_hash, 32>{},
                                              Field<4, &KeyChangedDetails::challenge, 32>{},
                                              Field<5, &KeyChangedDetails::thumbprints, 32>{},
                                              Field<6, &KeyChangedDetails::assertion_hashes, 32>{});
};

struct KeyRevokedDetails {
    static constexpr auto type = RecordType::key_revoked;
    Digest key_id{};
    std::uint32_t minimum_version = 0;
    Digest by_module{};
    static constexpr auto fields =
        std::tuple(Field<1, &KeyRevokedDetails::key_id, 32>{},
                   Field<2, &KeyRevokedDetails::minimum_version, UINT32_MAX>{},
                   Field<3, &KeyRevokedDetails::by_module, 32>{});
};

// One signature, whole: this record is what a receipt shows.
struct SignedDetails {
    static constexpr auto type = RecordType::signed_leaf;
    Digest key_id{};
    std::uint32_t version = 0;
    Purpose purpose = Purpose::sign;
    Algorithm algorithm;
    std::uint32_t leaf_index = 0;
    std::uint32_t leaf_count = 0;
    ByteView hash;
    Digest label_hash{};
    Digest challenge{};
    Digest context_hash{};
    BoundedList<Digest, assertions_max> thumbprints;
    BoundedList<std::uint8_t, assertions_max> flags;  // authenticatorData flags: UP, UV, BE, BS
    BoundedList<std::uint32_t, assertions_max> sign_counts;
    BoundedList<Digest, assertions_max> assertion_hashes;  // SHA-256(authData ‖ SHA-256(cdj) ‖ sig)
    BackupPolicy backup = BackupPolicy::refused;
    AssuranceClass assurance_class = AssuranceClass::software;
    Digest firmware_hash{};
    ByteView signature;
    static constexpr auto fields =
        std::tuple(Field<1, &SignedDetails::key_id, 32>{},
                   Field<2, &SignedDetails::version, UINT32_MAX>{},
                   Field<3, &SignedDetails::purpose, 4, 1>{},
                   Field<4, &SignedDetails::algorithm, 64>{},
                   Field<5, &SignedDetails::leaf_index, leaf_count_max>{},
                   Field<6, &SignedDetails::leaf_count, leaf_count_max, 1>{},
                   Field<7, &SignedDetails::hash, 64>{},
                   Field<8, &SignedDetails::label_hash, 32>{},
                   Field<9, &SignedDetails::challenge, 32>{},
                   Field<10, &SignedDetails::context_hash, 32>{},
                   Field<11, &SignedDetails::thumbprints, 32>{},
                   Field<12, &SignedDetails::flags, 255>{},
                   Field<13, &SignedDetails::sign_counts, UINT32_MAX>{},
                   Field<14, &SignedDetails::assertion_hashes, 32>{},
                   Field<15, &SignedDetails::backup, 1>{},
                   Field<16, &SignedDetails::assurance_class, 3, 1>{},
                   Field<17, &SignedDetails::firmware_hash, 32>{},
                   Field<18, &SignedDetails::signature, signature_size_max>{});
};

// What a key signed that needs no approval: enough to tell whether a given list, answer or
// time-stamp came from here, and how many did.
struct ServiceSignedDetails {
    static constexpr auto type = RecordType::service_signed;
    Digest key_id{};
    KeyKind kind = KeyKind::ocsp;
    Digest content_hash{};         // SHA-256 of TBSCertList, ResponseData or TSTInfo
    std::uint64_t stamped_ms = 0;  // tsa: genTime, milliseconds since 1970 UTC; 0 otherwise
    static constexpr auto fields =
        std::tuple(Field<1, &ServiceSignedDetails::key_id, 32>{},
                   Field<2, &ServiceSignedDetails::kind, 5, 3>{},
                   Field<3, &ServiceSignedDetails::content_hash, 32>{},
                   Field<4, &ServiceSignedDetails::stamped_ms, UINT64_MAX>{});
};

struct LogReleasedDetails {
    static constexpr auto type = RecordType::log_released;
    std::uint64_t up_to_index = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &LogReleasedDetails::up_to_index, UINT64_MAX>{});
};

// A release was taken in whole; the next start tries it.
struct UpdateApprovedDetails {
    static constexpr auto type = RecordType::update_approved;
    Digest firmware_hash{};
    std::uint32_t version = 0;
    std::uint32_t security_version = 0;
    Digest challenge{};  // SHA-256(UpdateStatement); zero on a blank module
    BoundedList<Digest, assertions_max> thumbprints;
    BoundedList<Digest, assertions_max> assertion_hashes;
    static constexpr auto fields =
        std::tuple(Field<1, &UpdateApprovedDetails::firmware_hash, 32>{},
                   Field<2, &UpdateApprovedDetails::version, UINT32_MAX, 1>{},
                   Field<3, &UpdateApprovedDetails::security_version, UINT32_MAX, 1>{},
                   Field<4, &UpdateApprovedDetails::challenge, 32>{},
                   Field<5, &UpdateApprovedDetails::thumbprints, 32>{},
                   Field<6, &UpdateApprovedDetails::assertion_hashes, 32>{});
};

// A KEK came out of its shares and opened what had been sealed under it.
struct CeremonyFinishedDetails {
    static constexpr auto type = RecordType::ceremony_finished;
    CeremonyKind kind = CeremonyKind::make;
    std::uint32_t epoch = 0;
    Digest share_set{};                              // SHA-256(ShareSet)
    Digest transcript{};                             // SHA-256(CeremonyStatement)
    BoundedList<Digest, custodians_max> custodians;  // whose shares it was, as thumbprints
    LiveMember live_member = LiveMember::exists;     // as they said
    static constexpr auto fields =
        std::tuple(Field<1, &CeremonyFinishedDetails::kind, 2, 1>{},
                   Field<2, &CeremonyFinishedDetails::epoch, UINT32_MAX, 1>{},
                   Field<3, &CeremonyFinishedDetails::share_set, 32>{},
                   Field<4, &CeremonyFinishedDetails::transcript, 32>{},
                   Field<5, &CeremonyFinishedDetails::custodians, 32>{},
                   Field<6, &CeremonyFinishedDetails::live_member, 1>{});
};

struct GroupChangedDetails {
    static constexpr auto type = RecordType::group_changed;
    ByteView configuration;  // after the change
    Digest challenge{};      // SHA-256(ChangeStatement)
    BoundedList<Digest, assertions_max> thumbprints;
    BoundedList<Digest, assertions_max> assertion_hashes;
    static constexpr auto fields =
        std::tuple(Field<1, &GroupChangedDetails::configuration, configuration_size_max>{},
                   Field<2, &GroupChangedDetails::challenge, 32>{},
                   Field<3, &GroupChangedDetails::thumbprints, 32>{},
                   Field<4, &GroupChangedDetails::assertion_hashes, 32>{});
};

struct EpochClosedDetails {
    static constexpr auto type = RecordType::epoch_closed;
    std::uint32_t epoch = 0;  // whose KEK is gone
    static constexpr auto fields =
        std::tuple(Field<1, &EpochClosedDetails::epoch, UINT32_MAX, 1>{});
};

struct TableTakenDetails {
    static constexpr auto type = RecordType::table_taken;
    Digest from_module{};
    std::uint32_t entries = 0;
    static constexpr auto fields = std::tuple(Field<1, &TableTakenDetails::from_module, 32>{},
                                              Field<2, &TableTakenDetails::entries, UINT32_MAX>{});
};

// What comes next is the end of this module's keys.
struct ZeroiseApprovedDetails {
    static constexpr auto type = RecordType::zeroise_approved;
    Digest challenge{};  // SHA-256(ZeroiseStatement)
    BoundedList<Digest, assertions_max> thumbprints;
    BoundedList<Digest, assertions_max> assertion_hashes;
    static constexpr auto fields =
        std::tuple(Field<1, &ZeroiseApprovedDetails::challenge, 32>{},
                   Field<2, &ZeroiseApprovedDetails::thumbprints, 32>{},
                   Field<3, &ZeroiseApprovedDetails::assertion_hashes, 32>{});
};

static_assert(map_size_max<AuditRecord>() <= record_size_max);
static_assert(map_size_max<StartedDetails>() <= record_details_size_max &&
              map_size_max<ProvisionedDetails>() <= record_details_size_max &&
              map_size_max<KeyGeneratedDetails>() <= record_details_size_max &&
              map_size_max<KeyChangedDetails>() <= record_details_size_max &&
              map_size_max<KeyRevokedDetails>() <= record_details_size_max &&
              map_size_max<SignedDetails>() <= record_details_size_max &&
              map_size_max<CeremonyFinishedDetails>() <= record_details_size_max &&
              map_size_max<GroupChangedDetails>() <= record_details_size_max &&
              map_size_max<LogReleasedDetails>() <= record_details_size_max &&
              map_size_max<ServiceSignedDetails>() <= record_details_size_max &&
              map_size_max<UpdateApprovedDetails>() <= record_details_size_max);

// What a signature's record takes, and its receipt.
static_assert(map_size_max<AuditRecord>() - codec::string_size(record_details_size_max) +
                  codec::string_size(map_size_max<SignedDetails>()) <=
              signed_record_size_max);
static_assert(1 + codec::string_size(signed_record_size_max) +
                  codec::string_size(ecdsa_der_size_max) <=
              receipt_size_max);

}  // namespace hsm::protocol
