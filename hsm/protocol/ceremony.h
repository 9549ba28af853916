#pragma once

#include "hsm/protocol/codec.h"
#include "hsm/protocol/hpke.h"
#include "hsm/protocol/key_blob.h"
#include "hsm/protocol/share.h"

// How a KEK leaves the module that made it, in shares, and comes into another or back into the
// same: PROTOCOL.md "KEK ceremony".
namespace hsm::protocol {

constexpr std::size_t share_set_size_max = 896;
constexpr std::size_t sealed_share_size_max = 192;
constexpr std::size_t inward_share_size_max = 320;  // [statement, signature]
constexpr std::size_t sealed_share_ciphertext_size = share_size + hpke_tag_size;
constexpr std::size_t kek_check_size = 16;
constexpr std::size_t proof_wrapped_size_max = 96;  // AES-KWP of a P-256 PKCS#8: 80

using GroupId = std::array<Byte, 16>;
using KekCheck = std::array<Byte, kek_check_size>;

// Everything about an epoch's shares but the shares. Made with them, public, the same for all.
struct ShareSet {
    static constexpr std::string_view tag = "kyso-share-set/1";
    ShareSetId set_id{};
    GroupId group_id{};
    AssuranceClass assurance_class = AssuranceClass::software;
    std::uint32_t epoch = 0;
    std::uint8_t threshold = 0;
    BoundedList<Digest, custodians_max> custodians;   // thumbprints; share i is the i-th's, from 1
    BoundedList<Digest, custodians_max> commitments;  // share_commitment() of each
    KekCheck kek_check{};                             // kek_check()
    // The restore proof: a P-256 key made and sealed under this KEK, used for nothing. Whoever
    // holds the KEK signs with it.
    ByteView proof_wrapped;
    ByteView proof_spki;
    Digest proof_mac{};  // group MAC over a ProofStatement

    static constexpr auto fields =
        std::tuple(Field<0, &ShareSet::set_id, share_set_id_size>{},
                   Field<0, &ShareSet::group_id, 16>{},
                   Field<0, &ShareSet::assurance_class, 3, 1>{},
                   Field<0, &ShareSet::epoch, UINT32_MAX, 1>{},
                   Field<0, &ShareSet::threshold, custodians_max, 1>{},
                   Field<0, &ShareSet::custodians, 32>{},
                   Field<0, &ShareSet::commitments, 32>{},
                   Field<0, &ShareSet::kek_check, kek_check_size>{},
                   Field<0, &ShareSet::proof_wrapped, proof_wrapped_size_max>{},
                   Field<0, &ShareSet::proof_spki, p256_spki_size>{},
                   Field<0, &ShareSet::proof_mac, 32>{});
};
static_assert(tagged_size_max<ShareSet>() <= share_set_size_max);

// MACed under the new epoch's MAC key.
struct ProofStatement {
    static constexpr std::string_view tag = "kyso-proof/1";
    ShareSetId set_id{};
    ByteView wrapped;
    ByteView spki;
    static constexpr auto fields =
        std::tuple(Field<0, &ProofStatement::set_id, share_set_id_size>{},
                   Field<0, &ProofStatement::wrapped, proof_wrapped_size_max>{},
                   Field<0, &ProofStatement::spki, p256_spki_size>{});
};

enum class CeremonyKind : std::uint8_t { make = 1, restore = 2 };

// What a module says of itself and of the ceremony that it has just opened; its SHA-256 is the
// ceremony's transcript. Signed with the device identity key: custodians check that, the device
// certificate, class and firmware hash before a share moves.
struct CeremonyStatement {
    static constexpr std::string_view tag = "kyso-ceremony/1";
    CeremonyKind kind = CeremonyKind::make;
    Digest module_id{};
    AssuranceClass assurance_class = AssuranceClass::software;
    Digest firmware_hash{};
    Digest configuration_hash{};
    Nonce nonce{};
    Point ceremony_key{};  // shares come in sealed to this; it lives until the ceremony's end
    Digest share_set{};    // SHA-256(ShareSet)
    static constexpr auto fields =
        std::tuple(Field<0, &CeremonyStatement::kind, 2, 1>{},
                   Field<0, &CeremonyStatement::module_id, 32>{},
                   Field<0, &CeremonyStatement::assurance_class, 3, 1>{},
                   Field<0, &CeremonyStatement::firmware_hash, 32>{},
                   Field<0, &CeremonyStatement::configuration_hash, 32>{},
                   Field<0, &CeremonyStatement::nonce, 32>{},
                   Field<0, &CeremonyStatement::ceremony_key, point_size>{},
                   Field<0, &CeremonyStatement::share_set, 32>{});
};

// A share sealed to its custodian's key, by the module that made it. HPKE info: its
// SealedShareInfo.
struct OutwardShare {
    static constexpr std::string_view tag = "kyso-share-out/1";
    Digest transcript{};
    std::uint8_t index = 0;
    Point encapsulated{};
    ByteView ciphertext;
    static constexpr auto fields =
        std::tuple(Field<0, &OutwardShare::transcript, 32>{},
                   Field<0, &OutwardShare::index, custodians_max, 1>{},
                   Field<0, &OutwardShare::encapsulated, point_size>{},
                   Field<0, &OutwardShare::ciphertext, sealed_share_ciphertext_size>{});
};
static_assert(tagged_size_max<OutwardShare>() <= sealed_share_size_max);

// May a restored module start without a live member's revocation table?
enum class LiveMember : std::uint8_t { exists = 0, none = 1 };

// The same share sealed to a ceremony key, signed by the custodian: the module takes a KEK from
// nobody else. A custodian says, too, whether a member of the group lives (LiveMember).
struct InwardShare {
    static constexpr std::string_view tag = "kyso-share-in/1";
    Digest transcript{};
    std::uint8_t index = 0;
    LiveMember live_member = LiveMember::exists;
    Point encapsulated{};
    ByteView ciphertext;
    static constexpr auto fields =
        std::tuple(Field<0, &InwardShare::transcript, 32>{},
                   Field<0, &InwardShare::index, custodians_max, 1>{},
                   Field<0, &InwardShare::live_member, 1>{},
                   Field<0, &InwardShare::encapsulated, point_size>{},
                   Field<0, &InwardShare::ciphertext, sealed_share_ciphertext_size>{});
};
static_assert(1 + codec::string_size(tagged_size_max<InwardShare>()) +
                  codec::string_size(ecdsa_der_size_max) <=
              inward_share_size_max);

enum class ShareDirection : std::uint8_t { out = 1, in = 2 };

// HPKE info of either: a ciphertext opens for one ceremony, one share, one direction.
struct SealedShareInfo {
    static constexpr std::string_view tag = "kyso-share-seal/1";
    ShareDirection direction = ShareDirection::out;
    Digest transcript{};
    std::uint8_t index = 0;
    static constexpr auto fields =
        std::tuple(Field<0, &SealedShareInfo::direction, 2, 1>{},
                   Field<0, &SealedShareInfo::transcript, 32>{},
                   Field<0, &SealedShareInfo::index, custodians_max, 1>{});
};
static_assert(tagged_size_max<SealedShareInfo>() <= hpke_info_size_max);

BoundedBytes<hpke_info_size_max> sealed_share_info(ShareDirection direction,
                                                   const Digest& transcript,
                                                   std::uint8_t index);

// Tells one secret from another and gives nothing of it away; zeros are refused by who compares.
KekCheck kek_check(const ShareSetId& set_id, const EpochSecret& secret, Sha256 sha256);

// A set that holds together: a sound scheme, as many commitments as custodians, a KEK check that is
// not zero. `malformed` for bytes that are none, else `configuration_wrong`.
Result<ShareSet> decode_share_set(ByteView bytes);

}  // namespace hsm::protocol
