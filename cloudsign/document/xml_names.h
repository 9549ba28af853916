#pragma once

#include <optional>
#include <string_view>

#include "cloudsign/document/xml_file.h"
#include "hsm/protocol/types.h"

// The names of XML signatures (W3C xmldsig-core, RFC 6931) and of XAdES (ETSI EN 319 132-1).
namespace cloudsign::document {

inline constexpr std::string_view dsig_space = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view dsig11_space = "http://www.w3.org/2009/xmldsig11#";
inline constexpr std::string_view xades141_space = "http://uri.etsi.org/01903/v1.4.1#";
inline constexpr std::string_view xades_space = "http://uri.etsi.org/01903/v1.3.2#";
inline constexpr std::string_view signed_properties_type =
    "http://uri.etsi.org/01903#SignedProperties";
inline constexpr std::string_view enveloped_transform =
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
inline constexpr std::string_view exclusive_uri = "http://www.w3.org/2001/10/xml-exc-c14n#";

// None where it has no name here: a PSS salt that is not as long as the digest, say.
std::optional<std::string_view> xml_signature_uri(const hsm::protocol::Algorithm& algorithm);
std::optional<hsm::protocol::Algorithm> xml_signature_named(std::string_view uri);

std::string_view xml_digest_uri(hsm::protocol::DigestAlgorithm digest);
std::optional<hsm::protocol::DigestAlgorithm> xml_digest_named(std::string_view uri);

// Algorithms with SHA-1 or MD5, of either kind.
bool is_weak_xml_algorithm(std::string_view uri);

std::optional<Canonicalization> canonicalization_named(std::string_view uri);

}  // namespace cloudsign::document
