#include <map>

#include "firmware/engine/ecdsa_der.h"
#include "firmware/engine/es256.h"
#include "tests/unit/firmware/engine/openssl_check.h"

// In the place of engine/psa/es256.cc for tests that start a device a hundred thousand times: the
// few signatures there are verified once each, by OpenSSL.
namespace firmware::engine {
namespace {

namespace wire = hsm::protocol;
using tests::engine::Bytes;

bool verify(const wire::Point& point, const hsm::Digest& digest, hsm::ByteView raw) {
    const auto der = ecdsa_to_der(wire::KeyType::p256, raw);
    return der &&
           tests::engine::openssl_verifies(tests::engine::p256_spki(point),
                                           {wire::Scheme::ecdsa, wire::DigestAlgorithm::sha256, 0},
                                           digest,
                                           *der);
}

}  // namespace

hsm::Result<void> verify_es256(const wire::Point& point,
                               const hsm::Digest& digest,
                               hsm::ByteView raw) {
    static std::map<Bytes, bool> known;
    Bytes name(point.begin(), point.end());
    name.insert(name.end(), digest.begin(), digest.end());
    name.insert(name.end(), raw.begin(), raw.end());
    auto found = known.find(name);
    if (found == known.end()) {
        found = known.emplace(name, verify(point, digest, raw)).first;
    }
    return found->second ? hsm::Result<void>() : hsm::Status::signature_wrong;
}

}  // namespace firmware::engine
