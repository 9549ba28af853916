#include "cloudsign/credential/passkey_point.h"

#include "hsm/openssl/der.h"
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
    // Reading checks that the point is on the curve.
    if (!hsm::openssl::read_spki(hsm::protocol::p256_spki(point))) {
        return wrong;
    }
    return point;
}

}  // namespace cloudsign::credential
