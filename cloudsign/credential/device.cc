#include "cloudsign/credential/device.h"

#include "cloudsign/identity/id.h"
#include "cloudsign/pki/openssl_ptr.h"
#include "cloudsign/sha256.h"

namespace cloudsign::credential {

store::Device make_device(store::DeviceOwner owner_kind,
                          const std::string& owner_id,
                          const std::string& name,
                          const hsm::protocol::ActivationKey& key,
                          const std::string& session,
                          std::int64_t now_ms) {
    store::Device device;
    device.id = identity::new_id("dev");
    device.owner_kind = owner_kind;
    device.owner_id = owner_id;
    device.name = name;
    device.session_hash = sha256(session);
    device.point = key.point;
    device.thumbprint = hsm::protocol::thumbprint(key.point, cloudsign::sha256);
    device.backup_eligible = key.backup_eligible;
    device.created_at = now_ms;
    device.last_used_at = now_ms;
    return device;
}

Result<hsm::protocol::Point> read_point(hsm::ByteView bytes) {
    hsm::protocol::Point point{};
    const Error wrong{ErrorKind::invalid, "the public key is not a point on P-256"};
    if (bytes.size() != point.size()) {
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
