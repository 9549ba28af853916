#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "cloudsign/jose/public_key.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::jose {

// A compact JWS (RFC 7515 §7.1) that somebody else made: a DPoP proof, a client's assertion, a
// webhook. Read, and not yet verified: who uses the payload verifies first.
class CompactJws {
public:
    static constexpr std::size_t size_max = 8 * 1024;

    // `invalid` unless it is three parts of strict base64url, its header one JSON object with an
    // `alg` of ours and no `crit`, and its payload one JSON object.
    static Result<CompactJws> read(std::string_view text);

    Algorithm algorithm() const { return algorithm_; }
    const boost::json::object& header() const { return header_; }
    const boost::json::object& payload() const { return payload_; }
    bool verified_by(const PublicKey& key) const;

private:
    CompactJws() = default;

    Algorithm algorithm_ = Algorithm::es256;
    boost::json::object header_;
    boost::json::object payload_;
    std::string signing_input_;
    Bytes signature_;
};

// Makes compact JWS with a P-256 key of ours.
class Es256Signer {
public:
    // `internal` when the text holds no P-256 private key.
    static Result<Es256Signer> from_pem(std::string_view pem);

    // RFC 7638 thumbprint, base64url.
    const std::string& kid() const { return kid_; }
    // The public JWK, with kid, alg and use.
    boost::json::object jwk() const;
    // The header has alg, kid and typ.
    std::string sign(std::string_view typ, const boost::json::object& payload) const;
    // RFC 7515 appendix F: any payload, left out of the text. The header has these members beside
    // alg and kid.
    std::string sign_detached(const boost::json::object& header, std::string_view payload) const;

private:
    Es256Signer() = default;
    std::string sign_parts(const std::string& header, const std::string& payload) const;

    hsm::openssl::EvpKeyPtr key_;
    std::string x_;
    std::string y_;
    std::string kid_;
};

}  // namespace cloudsign::jose
