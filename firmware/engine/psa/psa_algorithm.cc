#include "firmware/engine/psa/psa_algorithm.h"

#include "firmware/engine/algorithm.h"

namespace firmware::engine::psa {

using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;

namespace {

psa_algorithm_t psa_digest(DigestAlgorithm digest) {
    switch (digest) {
        case DigestAlgorithm::sha256:
            return PSA_ALG_SHA_256;
        case DigestAlgorithm::sha384:
            return PSA_ALG_SHA_384;
        case DigestAlgorithm::sha512:
            return PSA_ALG_SHA_512;
    }
    return PSA_ALG_NONE;
}

}  // namespace

psa_algorithm_t psa_algorithm(const Algorithm& algorithm) {
    const auto digest = psa_digest(algorithm.digest);
    switch (algorithm.scheme) {
        case Scheme::none:
            return PSA_ALG_NONE;
        case Scheme::ecdsa:
            return PSA_ALG_ECDSA(digest);
        case Scheme::rsa_pkcs1:
            return PSA_ALG_RSA_PKCS1V15_SIGN(digest);
        case Scheme::rsa_pss:
            return PSA_ALG_RSA_PSS(digest);  // salt as long as the digest
    }
    return PSA_ALG_NONE;
}

psa_key_type_t psa_key_pair_type(KeyType type) {
    return is_rsa(type) ? PSA_KEY_TYPE_RSA_KEY_PAIR
                        : PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1);
}

}  // namespace firmware::engine::psa
