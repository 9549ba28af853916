#include "cloudsign/csc/algorithms.h"

#include <algorithm>

#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "hsm/openssl/der.h"
#include "hsm/protocol/key_type.h"

namespace cloudsign::csc {
namespace {

namespace openssl = hsm::openssl;
using hsm::protocol::is_rsa;
using hsm::protocol::Scheme;

// RFC 8017 appendix C, RFC 5758 §3.2.
constexpr std::string_view rsa_encryption = "1.2.840.113549.1.1.1";
constexpr std::string_view rsa_with_sha256 = "1.2.840.113549.1.1.11";
constexpr std::string_view rsa_with_sha384 = "1.2.840.113549.1.1.12";
constexpr std::string_view rsa_with_sha512 = "1.2.840.113549.1.1.13";
constexpr std::string_view rsa_pss = "1.2.840.113549.1.1.10";
constexpr std::string_view ecdsa_with_sha256 = "1.2.840.10045.4.3.2";
constexpr std::string_view ecdsa_with_sha384 = "1.2.840.10045.4.3.3";

constexpr std::string_view rsa_algorithms[] = {
    rsa_encryption, rsa_with_sha256, rsa_with_sha384, rsa_with_sha512, rsa_pss};

struct Combined {
    std::string_view oid;
    Scheme scheme;
    DigestAlgorithm digest;
};
constexpr Combined combined[] = {
    {rsa_with_sha256, Scheme::rsa_pkcs1, DigestAlgorithm::sha256},
    {rsa_with_sha384, Scheme::rsa_pkcs1, DigestAlgorithm::sha384},
    {rsa_with_sha512, Scheme::rsa_pkcs1, DigestAlgorithm::sha512},
    {ecdsa_with_sha256, Scheme::ecdsa, DigestAlgorithm::sha256},
    {ecdsa_with_sha384, Scheme::ecdsa, DigestAlgorithm::sha384},
};

struct NamedDigest {
    std::string_view oid;
    DigestAlgorithm digest;
    int nid;
};
constexpr NamedDigest digests[] = {
    {"2.16.840.1.101.3.4.2.1", DigestAlgorithm::sha256, NID_sha256},
    {"2.16.840.1.101.3.4.2.2", DigestAlgorithm::sha384, NID_sha384},
    {"2.16.840.1.101.3.4.2.3", DigestAlgorithm::sha512, NID_sha512},
};

std::optional<DigestAlgorithm> digest_of_identifier(const X509_ALGOR* identifier) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, identifier);
    const auto* found = std::ranges::find(digests, OBJ_obj2nid(object), &NamedDigest::nid);
    if (found == std::end(digests)) {
        return std::nullopt;
    }
    return found->digest;
}

std::optional<DigestAlgorithm> mask_digest(const X509_ALGOR* mask) {
    const ASN1_OBJECT* object = nullptr;
    int type = 0;
    const void* value = nullptr;
    X509_ALGOR_get0(&object, &type, &value, mask);
    if (OBJ_obj2nid(object) != NID_mgf1 || type != V_ASN1_SEQUENCE) {
        return std::nullopt;
    }
    const auto* packed = static_cast<const ASN1_STRING*>(value);
    const openssl::X509AlgorPtr inner(
        static_cast<X509_ALGOR*>(ASN1_item_unpack(packed, ASN1_ITEM_rptr(X509_ALGOR))));
    return inner ? digest_of_identifier(inner.get()) : std::nullopt;
}

}  // namespace

std::vector<std::string_view> key_algorithms(KeyType type) {
    if (type == KeyType::p256) {
        return {ecdsa_with_sha256};
    }
    if (type == KeyType::p384) {
        return {ecdsa_with_sha384};
    }
    return {std::begin(rsa_algorithms), std::end(rsa_algorithms)};
}

std::vector<std::string_view> all_sign_algorithms() {
    std::vector<std::string_view> all(std::begin(rsa_algorithms), std::end(rsa_algorithms));
    all.insert(all.end(), {ecdsa_with_sha256, ecdsa_with_sha384});
    return all;
}

std::optional<std::string_view> key_curve(KeyType type) {
    if (type == KeyType::p256) {
        return "1.2.840.10045.3.1.7";
    }
    if (type == KeyType::p384) {
        return "1.3.132.0.34";
    }
    return std::nullopt;
}

std::optional<DigestAlgorithm> digest_named(std::string_view oid) {
    const auto* found = std::ranges::find(digests, oid, &NamedDigest::oid);
    if (found == std::end(digests)) {
        return std::nullopt;
    }
    return found->digest;
}

std::string_view digest_identifier(DigestAlgorithm digest) {
    return std::ranges::find(digests, digest, &NamedDigest::digest)->oid;
}

std::optional<SignAlgorithm> sign_algorithm_named(std::string_view oid) {
    if (oid == rsa_encryption) {
        return SignAlgorithm{Scheme::rsa_pkcs1, std::nullopt};
    }
    if (oid == rsa_pss) {
        return SignAlgorithm{Scheme::rsa_pss, std::nullopt};
    }
    const auto* found = std::ranges::find(combined, oid, &Combined::oid);
    if (found == std::end(combined)) {
        return std::nullopt;
    }
    return SignAlgorithm{found->scheme, found->digest};
}

std::optional<PssParameters> read_pss_parameters(const Bytes& der) {
    using ParametersPtr = std::unique_ptr<RSA_PSS_PARAMS, openssl::Freed<RSA_PSS_PARAMS_free>>;
    const auto parameters = openssl::from_der<ParametersPtr>(der, d2i_RSA_PSS_PARAMS);
    // The defaults of RFC 8017 are SHA-1's: what is not named is too weak.
    if (!parameters || parameters->hashAlgorithm == nullptr ||
        parameters->maskGenAlgorithm == nullptr || parameters->saltLength == nullptr ||
        (parameters->trailerField != nullptr && ASN1_INTEGER_get(parameters->trailerField) != 1)) {
        return std::nullopt;
    }
    const auto digest = digest_of_identifier(parameters->hashAlgorithm);
    const auto salt = ASN1_INTEGER_get(parameters->saltLength);
    if (!digest || mask_digest(parameters->maskGenAlgorithm) != digest || salt < 0 || salt > 64) {
        return std::nullopt;
    }
    return PssParameters{*digest, static_cast<std::uint8_t>(salt)};
}

std::optional<Algorithm> algorithm_for(KeyType type, std::size_t hash_length) {
    for (const auto& named : digests) {
        const Algorithm algorithm{
            is_rsa(type) ? Scheme::rsa_pkcs1 : Scheme::ecdsa, named.digest, 0};
        if (hsm::protocol::digest_length(named.digest) == hash_length && fits(type, algorithm)) {
            return algorithm;
        }
    }
    return std::nullopt;
}

bool fits(KeyType type, const Algorithm& algorithm) {
    if (is_rsa(type)) {
        return algorithm.scheme == Scheme::rsa_pkcs1 || algorithm.scheme == Scheme::rsa_pss;
    }
    return algorithm.scheme == Scheme::ecdsa &&
           algorithm.digest ==
               (type == KeyType::p256 ? DigestAlgorithm::sha256 : DigestAlgorithm::sha384);
}

}  // namespace cloudsign::csc
