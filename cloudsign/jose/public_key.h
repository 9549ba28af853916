#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "cloudsign/jose/algorithm.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::jose {

// Somebody's public key, as a JWK (RFC 7517): P-256, P-384, or RSA of 2,048 to 4,096 bits.
class PublicKey {
public:
    // `invalid` for any other key, for one with private members, and for one that is said to be for
    // something else than signatures.
    static Result<PublicKey> from_jwk(const boost::json::object& jwk);

    // Empty when the JWK has none.
    const std::string& kid() const { return kid_; }
    // RFC 7638, SHA-256.
    const hsm::Digest& thumbprint() const { return thumbprint_; }
    // The key decides: its type, its curve, and its own `alg` where it has one.
    bool allows(Algorithm algorithm) const;
    // A JWS signature over `input` (ECDSA: r ‖ s). False for an algorithm that is not allowed.
    bool verify(Algorithm algorithm, std::string_view input, hsm::ByteView signature) const;

private:
    enum class Kind { p256, p384, rsa };

    PublicKey() = default;
    static Result<PublicKey> elliptic(const boost::json::object& jwk);
    static Result<PublicKey> rsa(const boost::json::object& jwk);

    Kind kind_ = Kind::p256;
    std::optional<Algorithm> only_;
    std::string kid_;
    hsm::Digest thumbprint_{};
    hsm::openssl::EvpKeyPtr key_;
};

// The keys of a JWK Set, at most 8, in 16 KB of JSON. `invalid` when there is none, or any of them
// is unusable, or two share a kid.
Result<std::vector<PublicKey>> read_key_set(std::string_view text);

}  // namespace cloudsign::jose
