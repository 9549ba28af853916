#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/bytes.h"
#include "hsm/protocol/types.h"

// CSC's names for keys and algorithms: object identifiers (CSC v1 §11.6, v2 §11.7).
namespace cloudsign::csc {

using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;

// `key/algo`: what signAlgo may name for this key. RSA lists the combined identifiers beside
// rsaEncryption, since clients look for those.
std::vector<std::string_view> key_algorithms(KeyType type);
// `key/curve`; nothing for RSA.
std::optional<std::string_view> key_curve(KeyType type);

std::vector<std::string_view> all_sign_algorithms();

// A digest by its identifier. SHA-256, SHA-384, SHA-512; nothing weaker.
std::optional<DigestAlgorithm> digest_named(std::string_view oid);

// Its identifier.
std::string_view digest_identifier(DigestAlgorithm digest);

// What `signAlgo` says: the scheme, and the digest when the identifier implies one.
struct SignAlgorithm {
    hsm::protocol::Scheme scheme = hsm::protocol::Scheme::none;
    std::optional<DigestAlgorithm> digest;
};
std::optional<SignAlgorithm> sign_algorithm_named(std::string_view oid);

// RSASSA-PSS-params (RFC 8017 A.2.3) as `signAlgoParams` carries them, DER: digest and salt
// length. Nothing unless MGF1 uses the same digest and the trailer is the usual one.
struct PssParameters {
    DigestAlgorithm digest = DigestAlgorithm::sha256;
    std::uint8_t salt_length = 0;
};
std::optional<PssParameters> read_pss_parameters(const Bytes& der);

// The algorithm that a key uses for hashes of this length when a request names none; nothing when
// no supported digest of the key has it.
std::optional<Algorithm> algorithm_for(KeyType type, std::size_t hash_length);

// Whether `algorithm` may be used with the key at all.
bool fits(KeyType type, const Algorithm& algorithm);

}  // namespace cloudsign::csc
