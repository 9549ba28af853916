#pragma once

#include "hsm/protocol/codec.h"

// What modules, custodians and officers sign or MAC, beside activations: PROTOCOL.md "Statements".
// A device signature is ECDSA P-256 over SHA-256 of the encoded statement, DER.
namespace hsm::protocol {

// What a group is: signed by m custodians, approved by every officer, kept by each member.
struct GroupConfiguration {
    static constexpr std::string_view tag = "kyso-group/2";
    std::array<Byte, 16> group_id{};
    std::uint32_t revision = 1;                                 // grows with each change
    AssuranceClass assurance_class = AssuranceClass::software;  // of every member
    std::string_view rp_id;            // WebAuthn relying party of all approval passkeys
    std::string_view origin;           // and the one origin that serves the approve app
    std::uint8_t officers_needed = 1;  // k different people of those below
    BoundedList<Point, officers_max> officers;
    BoundedList<std::uint8_t, officers_max> officers_backup_eligible;
    // Beside each officer's passkey, whose it is: one number for each person, who may have several.
    BoundedList<std::uint8_t, officers_max> officers_persons;
    // Thumbprints of those who are no longer officers, but whose bindings of issuer keys stand.
    BoundedList<Digest, former_officers_max> former_officers;
    std::uint8_t custodians_needed = 1;             // m of the custodians below
    BoundedList<Point, custodians_max> custodians;  // sign this, and hold the KEK's shares
    BoundedList<Digest, members_max> members;       // module ids, this module's among them

    static constexpr auto fields =
        std::tuple(Field<0, &GroupConfiguration::group_id, 16>{},
                   Field<0, &GroupConfiguration::revision, UINT32_MAX, 1>{},
                   Field<0, &GroupConfiguration::assurance_class, 3, 1>{},
                   Field<0, &GroupConfiguration::rp_id, rp_id_size_max, 1>{},
                   Field<0, &GroupConfiguration::origin, origin_size_max, 1>{},
                   Field<0, &GroupConfiguration::officers_needed, officers_max, 1>{},
                   Field<0, &GroupConfiguration::officers, point_size>{},
                   Field<0, &GroupConfiguration::officers_backup_eligible, 1>{},
                   Field<0, &GroupConfiguration::officers_persons, officers_max, 1>{},
                   Field<0, &GroupConfiguration::former_officers, 32>{},
                   Field<0, &GroupConfiguration::custodians_needed, custodians_max, 1>{},
                   Field<0, &GroupConfiguration::custodians, point_size>{},
                   Field<0, &GroupConfiguration::members, 32>{});
};

// Its SHA-256 is signed by custodians and is the challenge of each officer's assertion.
struct ProvisionStatement {
    static constexpr std::string_view tag = "kyso-provision/1";
    Digest module_id{};
    Nonce nonce{};  // GetInfoResponse::provisioning_nonce
    Digest configuration_hash{};
    static constexpr auto fields =
        std::tuple(Field<0, &ProvisionStatement::module_id, 32>{},
                   Field<0, &ProvisionStatement::nonce, 32>{},
                   Field<0, &ProvisionStatement::configuration_hash, 32>{});
};

// MACed with the group's epoch key under its tag: honest members believe each other.
struct RevocationStatement {
    static constexpr std::string_view tag = "kyso-revoke/1";
    Digest key_id{};
    std::uint32_t minimum_version = 0;  // blobs below are refused
    Digest module_id{};                 // who revoked
    static constexpr auto fields =
        std::tuple(Field<0, &RevocationStatement::key_id, 32>{},
                   Field<0, &RevocationStatement::minimum_version, UINT32_MAX>{},
                   Field<0, &RevocationStatement::module_id, 32>{});
};
struct RevokedStatement {
    static constexpr std::string_view tag = "kyso-revoked/2";
    Digest key_id{};
    std::uint32_t minimum_version = 0;
    Digest module_id{};           // who has applied it
    Digest configuration_hash{};  // SHA-256 of the configuration that it lives under
    static constexpr auto fields =
        std::tuple(Field<0, &RevokedStatement::key_id, 32>{},
                   Field<0, &RevokedStatement::minimum_version, UINT32_MAX>{},
                   Field<0, &RevokedStatement::module_id, 32>{},
                   Field<0, &RevokedStatement::configuration_hash, 32>{});
};

// A page of a live member's revocation table, for one restored member at one of its starts.
// MACed like the two above. Pages are in order when each begins where the one before ended.
struct TableStatement {
    static constexpr std::string_view tag = "kyso-table/1";
    Digest from_module{};
    Digest for_module{};
    Nonce nonce{};                 // GetInfoResponse::provisioning_nonce of `for_module`
    std::uint64_t generation = 0;  // another one: the table has changed, begin anew
    std::uint64_t cursor = 0;      // 0 for the first page
    std::uint64_t next = 0;        // 0 after the last
    BoundedList<Digest, table_page_entries_max> key_ids;
    BoundedList<std::uint32_t, table_page_entries_max> minimum_versions;
    static constexpr auto fields =
        std::tuple(Field<0, &TableStatement::from_module, 32>{},
                   Field<0, &TableStatement::for_module, 32>{},
                   Field<0, &TableStatement::nonce, 32>{},
                   Field<0, &TableStatement::generation, UINT64_MAX>{},
                   Field<0, &TableStatement::cursor, UINT64_MAX>{},
                   Field<0, &TableStatement::next, UINT64_MAX>{},
                   Field<0, &TableStatement::key_ids, 32>{},
                   Field<0, &TableStatement::minimum_versions, UINT32_MAX, 1>{});
};

// Another configuration of the same group. Its SHA-256 is what custodians sign and the challenge of
// officers' assertions; no nonce, since every member takes it, and a configuration follows the one
// before only once.
struct ChangeStatement {
    static constexpr std::string_view tag = "kyso-change/1";
    std::array<Byte, 16> group_id{};
    Digest from{};  // SHA-256 of the configuration before
    Digest to{};    // and after
    static constexpr auto fields = std::tuple(Field<0, &ChangeStatement::group_id, 16>{},
                                              Field<0, &ChangeStatement::from, 32>{},
                                              Field<0, &ChangeStatement::to, 32>{});
};

// A module is to destroy its keys; officers approve its SHA-256.
struct ZeroiseStatement {
    static constexpr std::string_view tag = "kyso-zeroise/1";
    Digest module_id{};
    Nonce nonce{};  // GetInfoResponse::provisioning_nonce
    static constexpr auto fields = std::tuple(Field<0, &ZeroiseStatement::module_id, 32>{},
                                              Field<0, &ZeroiseStatement::nonce, 32>{});
};

// The last word of a member that leaves, signed with the identity key that it names and that it
// has destroyed with everything else when this is read.
struct ZeroisedStatement {
    static constexpr std::string_view tag = "kyso-zeroised/1";
    std::array<Byte, 16> group_id{};
    Point identity{};
    std::uint32_t epoch = 0;
    std::uint64_t last_index = 0;  // of its log
    static constexpr auto fields =
        std::tuple(Field<0, &ZeroisedStatement::group_id, 16>{},
                   Field<0, &ZeroisedStatement::identity, point_size>{},
                   Field<0, &ZeroisedStatement::epoch, UINT32_MAX>{},
                   Field<0, &ZeroisedStatement::last_index, UINT64_MAX>{});
};

// Key attestation: what this key is, who can activate it, where it lives.
struct AttestationStatement {
    static constexpr std::string_view tag = "kyso-attest/1";
    Digest module_id{};
    AssuranceClass assurance_class = AssuranceClass::software;
    Digest firmware_hash{};
    Nonce nonce{};
    KeyKind kind = KeyKind::person;
    KeyType key_type = KeyType::p256;
    Digest key_id{};
    std::uint32_t version = 0;
    ByteView policy;   // activation keys, backup policy, subject hash
    Digest officer{};  // who approved the binding
    static constexpr auto fields =
        std::tuple(Field<0, &AttestationStatement::module_id, 32>{},
                   Field<0, &AttestationStatement::assurance_class, 3, 1>{},
                   Field<0, &AttestationStatement::firmware_hash, 32>{},
                   Field<0, &AttestationStatement::nonce, 32>{},
                   Field<0, &AttestationStatement::kind, 5, 1>{},
                   Field<0, &AttestationStatement::key_type, 5, 1>{},
                   Field<0, &AttestationStatement::key_id, 32>{},
                   Field<0, &AttestationStatement::version, UINT32_MAX>{},
                   Field<0, &AttestationStatement::policy, policy_size_max>{},
                   Field<0, &AttestationStatement::officer, 32>{});
};

// A release of the firmware that the group's modules may install: its SHA-256 is the challenge of
// officers' assertions.
struct UpdateStatement {
    static constexpr std::string_view tag = "kyso-update/1";
    std::array<Byte, 16> group_id{};
    Digest firmware_hash{};  // SHA-256 of the release's header
    std::uint32_t version = 0;
    std::uint32_t security_version = 0;
    static constexpr auto fields =
        std::tuple(Field<0, &UpdateStatement::group_id, 16>{},
                   Field<0, &UpdateStatement::firmware_hash, 32>{},
                   Field<0, &UpdateStatement::version, UINT32_MAX, 1>{},
                   Field<0, &UpdateStatement::security_version, UINT32_MAX, 1>{});
};

// The log's head, signed fresh over the auditor's challenge.
struct HeadStatement {
    static constexpr std::string_view tag = "kyso-head/1";
    Digest module_id{};
    Nonce challenge{};
    std::uint64_t index = 0;  // of the last record
    Digest chain_hash{};      // SHA-256 of the last record
    std::uint64_t boot_counter = 0;
    Digest firmware_hash{};
    std::uint64_t host_time = 0;
    static constexpr auto fields = std::tuple(Field<0, &HeadStatement::module_id, 32>{},
                                              Field<0, &HeadStatement::challenge, 32>{},
                                              Field<0, &HeadStatement::index, UINT64_MAX>{},
                                              Field<0, &HeadStatement::chain_hash, 32>{},
                                              Field<0, &HeadStatement::boot_counter, UINT64_MAX>{},
                                              Field<0, &HeadStatement::firmware_hash, 32>{},
                                              Field<0, &HeadStatement::host_time, UINT64_MAX>{});
};

// A receipt is [record, signature]: the device signature covers this with the audit record of the
// signature inside.
struct ReceiptStatement {
    static constexpr std::string_view tag = "kyso-receipt/1";
    Digest module_id{};
    ByteView record;
    static constexpr auto fields =
        std::tuple(Field<0, &ReceiptStatement::module_id, 32>{},
                   Field<0, &ReceiptStatement::record, signed_record_size_max>{});
};

static_assert(tagged_size_max<GroupConfiguration>() <= configuration_size_max);
static_assert(1 + codec::string_size(tagged_size_max<RevocationStatement>()) +
                  codec::string_size(digest_size) <=
              group_statement_size_max);
static_assert(1 + codec::string_size(tagged_size_max<RevokedStatement>()) +
                  codec::string_size(digest_size) <=
              group_statement_size_max);
static_assert(1 + codec::string_size(tagged_size_max<TableStatement>()) +
                  codec::string_size(digest_size) <=
              table_page_size_max);
static_assert(1 + codec::string_size(tagged_size_max<ZeroisedStatement>()) +
                  codec::string_size(ecdsa_der_size_max) <=
              zeroised_size_max);
static_assert(1 + codec::string_size(tagged_size_max<AttestationStatement>()) +
                  codec::string_size(ecdsa_der_size_max) <=
              signed_statement_size_max);
static_assert(1 + codec::string_size(tagged_size_max<HeadStatement>()) +
                  codec::string_size(ecdsa_der_size_max) <=
              signed_statement_size_max);

}  // namespace hsm::protocol
