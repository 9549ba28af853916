#include "cloudsign/login/registration.h"

#include <algorithm>
#include <array>

#include "cloudsign/approval/client_data.h"
#include "cloudsign/sha256.h"
#include "hsm/base/byte_reader.h"
#include "hsm/openssl/der.h"
#include "hsm/protocol/key_blob.h"

namespace cloudsign::login {
namespace {

using hsm::Byte;

constexpr Byte user_present = 0x01;
constexpr Byte user_verified = 0x04;
constexpr Byte backup_eligible = 0x08;
constexpr Byte attested_data = 0x40;
constexpr Byte extension_data = 0x80;
constexpr std::size_t aaguid_size = 16;
constexpr std::size_t credential_id_max = 1023;  // WebAuthn L3 §7.1, step 25
constexpr std::size_t coordinate_size = 32;

// COSE_Key {1: 2, 3: -7, -1: 1, -2: x, -3: y}: CTAP2's canonical form leaves no choice, so its
// bytes are compared and no CBOR is read.
constexpr std::array<Byte, 10> before_x = {
    0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
constexpr std::array<Byte, 3> before_y = {0x22, 0x58, 0x20};

Error refused(std::string detail) {
    return {ErrorKind::assertion_refused, std::move(detail)};
}

Result<hsm::protocol::Point> read_key(hsm::ByteView key) {
    constexpr auto size = before_x.size() + before_y.size() + 2 * coordinate_size;
    if (key.size() != size || !hsm::equal(key.first(before_x.size()), before_x)) {
        return refused("the passkey's key is not ES256");
    }
    const auto x = key.subspan(before_x.size(), coordinate_size);
    const auto rest = key.subspan(before_x.size() + coordinate_size);
    if (!hsm::equal(rest.first(before_y.size()), before_y)) {
        return refused("the passkey's key is not ES256");
    }
    hsm::protocol::Point point{};
    constexpr Byte uncompressed = 4;
    point[0] = uncompressed;
    std::ranges::copy(x, point.begin() + 1);
    std::ranges::copy(rest.subspan(before_y.size()), point.begin() + 1 + coordinate_size);
    // Reading checks that the point is on the curve.
    if (!hsm::openssl::read_spki(hsm::protocol::p256_spki(point))) {
        return refused("the passkey's key is not a point on P-256");
    }
    return point;
}

}  // namespace

Result<Registration> read_registration(hsm::ByteView authenticator_data,
                                       hsm::ByteView client_data,
                                       const Site& site,
                                       const hsm::Digest& challenge) {
    TRY(approval::check_client_data(client_data, "webauthn.create", site.origin, challenge));
    const auto cut_off = refused("authenticatorData is cut off");
    hsm::ByteReader reader(authenticator_data);
    const auto rp_id_hash = reader.take(hsm::digest_size);
    const auto flags = reader.u8();
    const auto sign_count = reader.u32();
    if (!rp_id_hash || !flags || !sign_count) {
        return cut_off;
    }
    if (!hsm::equal(*rp_id_hash, sha256(site.rp_id))) {
        return refused("the passkey belongs to another rpId");
    }
    if ((*flags & user_present) == 0 || (*flags & user_verified) == 0) {
        return refused("the authenticator has not verified the user");
    }
    const auto aaguid = reader.take(aaguid_size);
    const auto id_size = reader.u16();
    if ((*flags & attested_data) == 0 || !aaguid || !id_size) {
        return cut_off;
    }
    const auto id = reader.take(*id_size);
    if (!id || id->empty() || id->size() > credential_id_max) {
        return refused("the passkey's id is too long");
    }
    auto key = reader.rest();
    constexpr auto key_size = before_x.size() + before_y.size() + 2 * coordinate_size;
    if ((*flags & extension_data) != 0 && key.size() > key_size) {
        key = key.first(key_size);  // nothing was asked of extensions, so nothing rests on them
    }
    Registration registration;
    TRY_ASSIGN(registration.point, read_key(key));
    registration.credential_id.assign(id->begin(), id->end());
    registration.backup_eligible = (*flags & backup_eligible) != 0;
    registration.sign_count = *sign_count;
    return registration;
}

}  // namespace cloudsign::login
