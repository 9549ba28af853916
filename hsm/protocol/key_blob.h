#pragma once

#include "hsm/protocol/codec.h"

// The key blob and its policy: PROTOCOL.md "Key blob".
namespace hsm::protocol {

// A passkey's public key as enrolled: the SEC 1 point, and the backup-eligible flag that every
// later assertion must repeat.
struct ActivationKey {
    Point point{};
    bool backup_eligible = false;

    friend bool operator==(const ActivationKey&, const ActivationKey&) = default;
};

// Who may activate the key, and where. Decoded views point into the encoded policy.
struct Policy {
    std::string_view rp_id;
    std::string_view origin;
    BackupPolicy backup = BackupPolicy::refused;
    Digest subject_hash{};  // SHA-256 of the subject's record, opaque to the module
    BoundedList<Point, activation_keys_max> points;
    BoundedList<std::uint8_t, activation_keys_max> backup_eligible;  // 0 or 1, beside each point

    static constexpr auto fields = std::tuple(Field<1, &Policy::rp_id, rp_id_size_max>{},
                                              Field<2, &Policy::origin, origin_size_max>{},
                                              Field<3, &Policy::backup, 1>{},
                                              Field<4, &Policy::subject_hash, 32>{},
                                              Field<5, &Policy::points, point_size>{},
                                              Field<6, &Policy::backup_eligible, 1>{});

    std::size_t activation_key_count() const { return points.size(); }
    ActivationKey activation_key(std::size_t i) const {
        return {points[i], backup_eligible[i] == 1};
    }
};

static_assert(map_size_max<Policy>() <= policy_size_max);

// Everything about a key but the key, under the blob's MAC.
struct KeyHeader {
    std::uint8_t format = 1;
    std::uint32_t epoch = 0;  // which KEK and MAC key
    KeyKind kind = KeyKind::person;
    KeyType key_type = KeyType::p256;
    Digest key_id{};            // SHA-256(spki)
    std::uint32_t version = 0;  // 0 = unbound: signs nothing
    ByteView policy;            // .cbor Policy
    ByteView spki;              // SubjectPublicKeyInfo, DER
    Digest officer{};  // thumbprint of the officer who approved the binding; zero if unbound

    static constexpr auto fields = std::tuple(Field<1, &KeyHeader::format, 1, 1>{},
                                              Field<2, &KeyHeader::epoch, UINT32_MAX>{},
                                              Field<3, &KeyHeader::kind, 5, 1>{},
                                              Field<4, &KeyHeader::key_type, 5, 1>{},
                                              Field<5, &KeyHeader::key_id, 32>{},
                                              Field<6, &KeyHeader::version, UINT32_MAX>{},
                                              Field<7, &KeyHeader::policy, policy_size_max>{},
                                              Field<8, &KeyHeader::spki, spki_size_max>{},
                                              Field<9, &KeyHeader::officer, 32>{});
};

static_assert(map_size_max<KeyHeader>() <= header_size_max);
static_assert(1 + codec::string_size(header_size_max) + codec::string_size(wrapped_size_max) +
                  codec::string_size(digest_size) <=
              blob_size_max);

// blob = [header .cbor KeyHeader, wrapped, mac]; the MAC covers every byte before the MAC's own
// item. Views point into the blob.
struct KeyBlob {
    ByteView header_bytes;
    ByteView wrapped;  // AES-KWP (RFC 5649) of the PKCS#8 private key
    Digest mac{};
    ByteView authenticated;  // what the MAC covers
    KeyHeader header;
};

// `blob_malformed` for whatever is not exactly this format. Checks no MAC: that is the module's.
Result<KeyBlob> decode_blob(ByteView blob);

// The bytes under the MAC: header and wrapped key.
Result<ByteView> encode_blob_authenticated(ByteView header, ByteView wrapped, MutableBytes buffer);

// Appends the MAC to what encode_blob_authenticated() wrote at the start of `buffer`.
Result<ByteView> encode_blob_finish(std::size_t authenticated_size,
                                    const Digest& mac,
                                    MutableBytes buffer);

// SubjectPublicKeyInfo (RFC 5480) of a P-256 point: fixed prefix and point.
constexpr std::size_t p256_spki_size = 26 + point_size;
std::array<Byte, p256_spki_size> p256_spki(const Point& point);

// What a person compares and an audit names: SHA-256 of the passkey's SubjectPublicKeyInfo.
Digest thumbprint(const Point& point, Sha256 sha256);

}  // namespace hsm::protocol
