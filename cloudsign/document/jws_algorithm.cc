#include "cloudsign/document/jws_algorithm.h"

#include <algorithm>
#include <iterator>

namespace cloudsign::document {
namespace {

using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::Scheme;

struct Named {
    std::string_view name;
    Algorithm algorithm;
};
constexpr Named algorithms[] = {
    {"ES256", {Scheme::ecdsa, DigestAlgorithm::sha256, 0}},
    {"ES384", {Scheme::ecdsa, DigestAlgorithm::sha384, 0}},
    {"ES512", {Scheme::ecdsa, DigestAlgorithm::sha512, 0}},
    {"RS256", {Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0}},
    {"RS384", {Scheme::rsa_pkcs1, DigestAlgorithm::sha384, 0}},
    {"RS512", {Scheme::rsa_pkcs1, DigestAlgorithm::sha512, 0}},
    {"PS256", {Scheme::rsa_pss, DigestAlgorithm::sha256, 32}},
    {"PS384", {Scheme::rsa_pss, DigestAlgorithm::sha384, 48}},
    {"PS512", {Scheme::rsa_pss, DigestAlgorithm::sha512, 64}},
};

struct NamedDigest {
    std::string_view name;
    DigestAlgorithm digest;
};
constexpr NamedDigest digests[] = {{"S256", DigestAlgorithm::sha256},
                                   {"S384", DigestAlgorithm::sha384},
                                   {"S512", DigestAlgorithm::sha512}};

}  // namespace

std::optional<std::string_view> jws_algorithm_name(const Algorithm& algorithm) {
    const auto* found = std::ranges::find(algorithms, algorithm, &Named::algorithm);
    return found == std::end(algorithms) ? std::nullopt : std::optional(found->name);
}

std::optional<Algorithm> jws_algorithm_named(std::string_view name) {
    const auto* found = std::ranges::find(algorithms, name, &Named::name);
    return found == std::end(algorithms) ? std::nullopt : std::optional(found->algorithm);
}

std::size_t jws_value_size(const Algorithm& algorithm) {
    if (algorithm.scheme != Scheme::ecdsa) {
        return 0;
    }
    switch (algorithm.digest) {
        case DigestAlgorithm::sha256:
            return 64;  // P-256
        case DigestAlgorithm::sha384:
            return 96;  // P-384
        case DigestAlgorithm::sha512:
            return 132;  // P-521
    }
    return 0;
}

std::string_view jws_digest_name(DigestAlgorithm digest) {
    return std::ranges::find(digests, digest, &NamedDigest::digest)->name;
}

std::optional<DigestAlgorithm> jws_digest_named(std::string_view name) {
    const auto* found = std::ranges::find(digests, name, &NamedDigest::name);
    return found == std::end(digests) ? std::nullopt : std::optional(found->digest);
}

}  // namespace cloudsign::document
