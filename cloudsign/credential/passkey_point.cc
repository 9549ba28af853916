#include "cloudsign/credential/passkey_point.h"

#include "cloudsign/pki/openssl_ptr.h"
#include "hsm/protocol/key_blob.h"

namespace cloudsign::credential {

Result<hsm::protocol::Point> read_point(hsm::ByteView bytes) {
    hsm::protocol::Point point{};
    const Error wrong{ErrorKind::invalid, "the public key is not a point on P-256"};
    // The hybrid form is as long, and OpenSSL would take it.
    constexpr hsm::Byte uncompressed = 4;
    if (bytes.size() != point.size() || bytes[0] != uncompressed) {
        return wrong;
    }
    std::ranges::copy(bytes, point.begin());
    // d2i checks that the point is on the curve.
    const auto spki = hsm::protocol::p256_spki(point);
    const unsigned char* at = spki.data();
    const pki::EvpKeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    if (!key) {
        return wrong;
    }
    return point;
}

}  // namespace cloudsign::credential
