#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

// The words of the wire: PROTOCOL.md "Types". Numbers are part of the protocol and append-only.
namespace hsm::protocol {

// Sizes in bytes. Where a limit holds a structure, a static_assert beside that structure proves
// that its largest encoding fits.
constexpr std::size_t message_size_max = 8192;
constexpr std::size_t blob_size_max = 3968;
constexpr std::size_t policy_size_max = 848;
constexpr std::size_t spki_size_max = 560;      // an RSA-4096 SubjectPublicKeyInfo has 550
constexpr std::size_t wrapped_size_max = 2400;  // AES-KWP of an RSA-4096 PKCS#8: at most 2,392
constexpr std::size_t header_size_max = 1520;
constexpr std::size_t configuration_size_max = 2040;
constexpr std::size_t certificate_size_max = 1400;  // an X.509 device certificate, DER
constexpr std::size_t preimage_size_max = 256;
constexpr std::size_t signature_size_max = 512;  // RSA-4096
constexpr std::size_t ecdsa_der_size_max = 104;  // P-384
constexpr std::size_t record_size_max = 3584;
constexpr std::size_t record_details_size_max = 3488;
constexpr std::size_t signed_record_size_max = 1536;     // a record of type signed_leaf
constexpr std::size_t receipt_size_max = 1664;           // [record, signature]
constexpr std::size_t signed_statement_size_max = 1280;  // [attestation or head, signature]
constexpr std::size_t group_statement_size_max = 160;    // [revoke or revoked statement, mac]
constexpr std::size_t rp_id_size_max = 253;
constexpr std::size_t origin_size_max = 270;
constexpr std::size_t authenticator_data_size = 37;  // WebAuthn §6.1 without extensions
constexpr std::size_t client_data_size_max = 1024;
constexpr std::size_t assertion_size_max = 1208;
// All assertions of one message together: eight of 425, five of 680, or two of the largest.
constexpr std::size_t assertions_total_size_max = 3400;
constexpr std::size_t rebind_assertions_total_size_max = 3000;  // beside two policies
constexpr std::size_t change_assertions_total_size_max = 3400;  // beside a configuration
constexpr std::size_t nonce_size = 32;
constexpr std::size_t point_size = 65;  // SEC 1 uncompressed P-256
constexpr std::size_t leaf_count_max = 1024;
constexpr std::size_t path_length_max = 10;  // log2(leaf_count_max)
constexpr std::size_t activation_keys_max = 4;
constexpr std::size_t officers_max = 8;
constexpr std::size_t members_max = 8;
constexpr std::size_t custodians_max = 8;
constexpr std::size_t former_officers_max = 3;
constexpr std::size_t table_page_entries_max = 80;
constexpr std::size_t table_page_size_max = 3400;  // [table statement, mac]
constexpr std::size_t zeroised_size_max = 240;     // [zeroised statement, signature]
// All receipts of departing members in one change: seven.
constexpr std::size_t receipts_total_size_max = 7 * zeroised_size_max;
constexpr std::size_t assertions_max = 8;
constexpr std::size_t acknowledged_max = 16;
constexpr std::size_t hosts_max = 8;  // that may be told to a board
constexpr std::size_t identity_size_max = 64;
constexpr std::size_t export_records_max = 32;
constexpr std::size_t export_records_total_size_max = 8000;
constexpr std::size_t service_content_size_max = 2800;  // ResponseData, TSTInfo
constexpr std::size_t service_attributes_size_max = 1024;
constexpr std::size_t list_piece_size_max = 6144;
constexpr std::uint32_t list_size_max = 0xffffff;  // a TBSCertList
constexpr std::uint64_t lifetime_ms_max = 4ull * 3600 * 1000;

using Point = std::array<Byte, point_size>;
using Nonce = std::array<Byte, nonce_size>;

enum class State : std::uint8_t {
    blank = 1,
    provisioned = 2,
    locked = 3,
    operational = 4,
    failed = 5,
    tampered = 6
};
enum class AssuranceClass : std::uint8_t { software = 1, emulated = 2, hardware = 3 };
enum class Role : std::uint8_t { server = 1, operating = 2, auditor = 4 };
enum class KeyKind : std::uint8_t {
    person = 1,
    organisation = 2,
    issuer = 3,
    ocsp = 4,  // these two sign unattended, each one structure of its own
    tsa = 5
};
enum class KeyType : std::uint8_t { p256 = 1, p384 = 2, rsa2048 = 3, rsa3072 = 4, rsa4096 = 5 };
enum class Purpose : std::uint8_t { sign = 1, bind = 2, rebind = 3, issue = 4, revoke = 5 };
enum class Scheme : std::uint8_t { none = 0, ecdsa = 1, rsa_pkcs1 = 2, rsa_pss = 3 };
enum class DigestAlgorithm : std::uint8_t { sha256 = 1, sha384 = 2, sha512 = 3 };
enum class BackupPolicy : std::uint8_t { refused = 0, allowed = 1 };

// What the signer approves beside the hashes: scheme, digest and, for PSS, the salt's length in
// bytes (0 otherwise). Purposes that sign nothing with the key (bind, rebind) have Scheme::none.
struct Algorithm {
    Scheme scheme = Scheme::none;
    DigestAlgorithm digest = DigestAlgorithm::sha256;
    std::uint8_t salt_length = 0;

    friend bool operator==(const Algorithm&, const Algorithm&) = default;
};

constexpr std::size_t digest_length(DigestAlgorithm digest) {
    switch (digest) {
        case DigestAlgorithm::sha256:
            return 32;
        case DigestAlgorithm::sha384:
            return 48;
        case DigestAlgorithm::sha512:
            return 64;
    }
    return 0;
}

// SHA-256 over the concatenation of `parts`: what each end brings (Mbed TLS in the module, OpenSSL
// on the host), so that the tree, the challenge and the statements are written once. Callers pass a
// std::array of views: g++ 12 does not convert a C array of spans into a span.
using Sha256 = Digest (*)(std::span<const ByteView> parts);

// A list of at most `capacity` values, in place.
template <class T, std::size_t capacity>
class BoundedList {
public:
    static constexpr std::size_t size_max = capacity;

    [[nodiscard]] bool push_back(const T& item) {
        if (size_ == capacity) {
            return false;
        }
        items_[size_++] = item;
        return true;
    }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    void clear() { size_ = 0; }
    const T& operator[](std::size_t i) const {
        CHECK(i < size_);
        return items_[i];
    }
    T& operator[](std::size_t i) {
        CHECK(i < size_);
        return items_[i];
    }
    const T* begin() const { return items_.data(); }
    const T* end() const { return items_.data() + size_; }

    // Where the count lies behind the items, for the codec, which knows no types.
    static constexpr std::size_t count_offset =
        (sizeof(std::array<T, capacity>) + alignof(std::size_t) - 1) / alignof(std::size_t) *
        alignof(std::size_t);

private:
    std::array<T, capacity> items_{};
    std::size_t size_ = 0;
};

// Encoded assertions of one message.
using Assertions = BoundedList<ByteView, assertions_max>;

}  // namespace hsm::protocol
