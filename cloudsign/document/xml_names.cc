#include "cloudsign/document/xml_names.h"

#include <algorithm>
#include <iterator>

namespace cloudsign::document {
namespace {

using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::Scheme;

struct Named {
    std::string_view uri;
    Algorithm algorithm;
};
constexpr Named algorithms[] = {
    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
     {Scheme::ecdsa, DigestAlgorithm::sha256, 0}},
    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
     {Scheme::ecdsa, DigestAlgorithm::sha384, 0}},
    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
     {Scheme::ecdsa, DigestAlgorithm::sha512, 0}},
    {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
     {Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0}},
    {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
     {Scheme::rsa_pkcs1, DigestAlgorithm::sha384, 0}},
    {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
     {Scheme::rsa_pkcs1, DigestAlgorithm::sha512, 0}},
    {"http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
     {Scheme::rsa_pss, DigestAlgorithm::sha256, 32}},
    {"http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
     {Scheme::rsa_pss, DigestAlgorithm::sha384, 48}},
    {"http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
     {Scheme::rsa_pss, DigestAlgorithm::sha512, 64}},
};

struct NamedDigest {
    std::string_view uri;
    DigestAlgorithm digest;
};
constexpr NamedDigest digests[] = {
    {"http://www.w3.org/2001/04/xmlenc#sha256", DigestAlgorithm::sha256},
    {"http://www.w3.org/2001/04/xmldsig-more#sha384", DigestAlgorithm::sha384},
    {"http://www.w3.org/2001/04/xmlenc#sha512", DigestAlgorithm::sha512},
};

struct NamedCanonical {
    std::string_view uri;
    Canonical method;
};
constexpr NamedCanonical canonicals[] = {
    {exclusive_uri, Canonical::exclusive},
    {"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", Canonical::inclusive},
    {"http://www.w3.org/2006/12/xml-c14n11", Canonical::inclusive_1_1},
};

}  // namespace

std::optional<std::string_view> xml_signature_uri(const Algorithm& algorithm) {
    const auto* found = std::ranges::find(algorithms, algorithm, &Named::algorithm);
    return found == std::end(algorithms) ? std::nullopt : std::optional(found->uri);
}

std::optional<Algorithm> xml_signature_named(std::string_view uri) {
    const auto* found = std::ranges::find(algorithms, uri, &Named::uri);
    return found == std::end(algorithms) ? std::nullopt : std::optional(found->algorithm);
}

std::string_view xml_digest_uri(DigestAlgorithm digest) {
    return std::ranges::find(digests, digest, &NamedDigest::digest)->uri;
}

std::optional<DigestAlgorithm> xml_digest_named(std::string_view uri) {
    const auto* found = std::ranges::find(digests, uri, &NamedDigest::uri);
    return found == std::end(digests) ? std::nullopt : std::optional(found->digest);
}

bool is_weak_xml_algorithm(std::string_view uri) {
    return uri.ends_with("sha1") || uri.ends_with("md5");
}

std::optional<Canonicalization> canonicalization_named(std::string_view uri) {
    for (const auto& one : canonicals) {
        if (!uri.starts_with(one.uri)) {
            continue;
        }
        const auto rest = uri.substr(one.uri.size());
        if (rest.empty()) {
            return Canonicalization{one.method, Comments::without, {}};
        }
        // The exclusive one's name ends in "#" itself.
        if (rest == "WithComments" || rest == "#WithComments") {
            return Canonicalization{one.method, Comments::with, {}};
        }
    }
    return std::nullopt;
}

}  // namespace cloudsign::document
