#include "cloudsign/document/xades_signature.h"

#include <ctime>
#include <libxml/tree.h>

#include "cloudsign/base64.h"
#include "cloudsign/document/uri_text.h"
#include "cloudsign/document/xml_reference.h"
#include "cloudsign/hex.h"
#include "cloudsign/pki/parsed_certificate.h"
#include "cloudsign/pki/signature_algorithm.h"
#include "cloudsign/random.h"
#include "cloudsign/sha256.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::document {
namespace {

namespace openssl = hsm::openssl;

constexpr std::size_t signatures_max = 64;
constexpr std::size_t id_size = 16;  // random bytes: no Id of the document is like it

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

Error broken(std::string detail) {
    return {ErrorKind::internal, "XAdES: " + std::move(detail)};
}

// What is signed, as its ds:Reference names it.
struct Target {
    std::string uri;
    std::string transforms;  // elements; empty: none
    std::string mime_type;
    Bytes hash;
};

struct Signer {
    const std::vector<Bytes>& chain;
    const Algorithm& algorithm;
    std::int64_t time_ms = 0;
};

std::string utc_time(std::int64_t time_ms) {
    const auto seconds = static_cast<std::time_t>(time_ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string algorithm_element(std::string_view name, std::string_view uri) {
    return "<ds:" + std::string(name) + " Algorithm=\"" + std::string(uri) +
           "\"></ds:" + std::string(name) + ">";
}

std::string digest_elements(hsm::protocol::DigestAlgorithm digest, hsm::ByteView hash) {
    return algorithm_element("DigestMethod", xml_digest_uri(digest)) + "<ds:DigestValue>" +
           base64(hash) + "</ds:DigestValue>";
}

std::string transforms_element(const std::string& transforms) {
    return transforms.empty() ? "" : "<ds:Transforms>" + transforms + "</ds:Transforms>";
}

std::string signed_properties(const std::string& id, const Target& target, const Signer& signer) {
    return "<xades:SignedProperties Id=\"" + id +
           "-properties\"><xades:SignedSignatureProperties>"
           "<xades:SigningTime>" +
           utc_time(signer.time_ms) +
           "</xades:SigningTime>"
           "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>" +
           digest_elements(hsm::protocol::DigestAlgorithm::sha256, sha256(signer.chain.front())) +
           "</xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
           "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"
           "<xades:DataObjectFormat ObjectReference=\"#" +
           id + "-document\"><xades:MimeType>" + target.mime_type +
           "</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>"
           "</xades:SignedProperties>";
}

std::string key_info(const std::vector<Bytes>& chain) {
    std::string text = "<ds:KeyInfo><ds:X509Data>";
    for (std::size_t i = 0; i == 0 || i + 1 < chain.size(); ++i) {
        text += "<ds:X509Certificate>" + base64(chain[i]) + "</ds:X509Certificate>";
    }
    return text + "</ds:X509Data></ds:KeyInfo>";
}

std::string signed_info(const std::string& id,
                        std::string_view method,
                        const Target& target,
                        const Signer& signer,
                        hsm::ByteView properties_hash) {
    const auto digest = signer.algorithm.digest;
    return "<ds:SignedInfo>" + algorithm_element("CanonicalizationMethod", exclusive_uri) +
           algorithm_element("SignatureMethod", method) + "<ds:Reference Id=\"" + id +
           "-document\" URI=\"" + target.uri + "\">" + transforms_element(target.transforms) +
           digest_elements(digest, target.hash) + "</ds:Reference><ds:Reference Type=\"" +
           std::string(signed_properties_type) + "\" URI=\"#" + id + "-properties\">" +
           transforms_element(algorithm_element("Transform", exclusive_uri)) +
           digest_elements(digest, properties_hash) + "</ds:Reference></ds:SignedInfo>";
}

std::string signature_element(const std::string& id,
                              const std::string& info,
                              const std::string& properties,
                              const Signer& signer) {
    return "<ds:Signature xmlns:ds=\"" + std::string(dsig_space) + "\" Id=\"" + id + "\">" + info +
           "<ds:SignatureValue Id=\"" + id + "-value\">" + id + "</ds:SignatureValue>" +
           key_info(signer.chain) + "<ds:Object><xades:QualifyingProperties xmlns:xades=\"" +
           std::string(xades_space) + "\" Target=\"#" + id + "\">" + properties +
           "</xades:QualifyingProperties></ds:Object></ds:Signature>";
}

Result<std::string> canonical_of(const XmlFile& file,
                                 std::string_view name,
                                 std::string_view name_space) {
    const auto found = file.elements(name, name_space);
    CHECK(found.size() == 1);
    return canonical(file, found.front(), nullptr, {Canonical::exclusive, Comments::without, {}});
}

// The signature without its value, which its Id stands for, as a document of its own.
struct Unsigned {
    std::string id;
    XmlFile file;
    std::string signed_info;
};
Result<Unsigned> unsigned_signature(const Target& target, const Signer& signer) {
    const auto method = xml_signature_uri(signer.algorithm);
    if (!method) {
        return invalid("XML signatures have no name for this signature algorithm");
    }
    if (signer.chain.empty()) {
        return invalid("the signer's certificate is missing");
    }
    Bytes random(id_size);
    fill_random(random);
    const auto id = "S-" + hex(random);
    const auto properties = signed_properties(id, target, signer);
    TRY_ASSIGN(const auto first,
               XmlFile::parse(
                   hsm::view_of(signature_element(id, "<ds:SignedInfo/>", properties, signer))));
    TRY_ASSIGN(const auto text, canonical_of(first, "SignedProperties", xades_space));
    const auto hash = openssl::digest_of(hsm::view_of(text), signer.algorithm.digest);
    const auto info = signed_info(id, *method, target, signer, hash);
    TRY_ASSIGN(auto whole,
               XmlFile::parse(hsm::view_of(signature_element(id, info, properties, signer))));
    TRY_ASSIGN(auto canonical_info, canonical_of(whole, "SignedInfo", dsig_space));
    return Unsigned{id, std::move(whole), std::move(canonical_info)};
}

Result<PreparedXades> prepared_of(const Unsigned& made,
                                  const std::string& file,
                                  const Algorithm& algorithm) {
    const auto mark = ">" + made.id + "<";
    const auto at = file.find(mark);
    if (at == file.npos || file.find(mark, at + 1) != file.npos) {
        return broken("no place for the signature's value");
    }
    PreparedXades prepared;
    prepared.before = file.substr(0, at + 1);
    prepared.after = file.substr(at + mark.size() - 1);
    prepared.signed_info = made.signed_info;
    prepared.hash = openssl::digest_of(hsm::view_of(made.signed_info), algorithm.digest);
    return prepared;
}

// What the signatures of a file are about, one after the other; what cannot be told is nothing.
std::vector<Bytes> signed_hashes(const XmlFile& file, std::string_view without_id) {
    std::vector<Bytes> hashes;
    for (const auto* signature : file.elements("Signature", dsig_space)) {
        const auto* info = only_child(signature, "SignedInfo", dsig_space);
        if (info == nullptr || id_of(signature) == without_id) {
            continue;
        }
        for (const auto* reference : children_of(info)) {
            const auto found = dereference(file, signature, reference);
            const auto hash = found ? sha256(hsm::view_of(found->octets)) : hsm::Digest{};
            hashes.emplace_back(hash.begin(), hash.end());
        }
    }
    return hashes;
}

Result<std::string> with_signature(const XmlFile& file,
                                   const XmlPlace& place,
                                   const Unsigned& signature) {
    if (file.elements("Signature", dsig_space).size() >= signatures_max) {
        return invalid("The XML has as many signatures as are taken: 64.");
    }
    const auto before = signed_hashes(file, "");
    auto* copy = xmlDocCopyNode(signature.file.root(), file.document(), 1);
    if (copy == nullptr || xmlAddChild(place.parent, copy) == nullptr) {
        xmlFreeNode(copy);
        return broken("the signature cannot be put into the document");
    }
    auto text = file.text();
    // As others will read it.
    TRY_ASSIGN(const auto again, XmlFile::parse(hsm::view_of(text)));
    if (signed_hashes(again, signature.id) != before) {
        return invalid("Another signature in " + path_of(place.parent) +
                       " would break one that the XML has already, which covers that place.");
    }
    return text;
}

}  // namespace

Result<PreparedXades> prepare_xades(hsm::ByteView document,
                                    const XmlWish& wish,
                                    const std::vector<Bytes>& chain,
                                    const Algorithm& algorithm,
                                    std::int64_t signing_time_ms) {
    TRY_ASSIGN(const auto file, XmlFile::parse(document));
    TRY_ASSIGN(const auto place, place_of(file, wish));
    TRY_ASSIGN(
        const auto octets,
        canonical(file, place.element, nullptr, {Canonical::exclusive, Comments::without, {}}));
    Target target;
    target.uri = place.reference.empty() ? "" : "#" + place.reference;
    target.transforms =
        (place.is_enveloped ? algorithm_element("Transform", enveloped_transform) : "") +
        algorithm_element("Transform", exclusive_uri);
    target.mime_type = "application/xml";
    target.hash = openssl::digest_of(hsm::view_of(octets), algorithm.digest);
    TRY_ASSIGN(const auto signature,
               unsigned_signature(target, {chain, algorithm, signing_time_ms}));
    TRY_ASSIGN(const auto text, with_signature(file, place, signature));
    return prepared_of(signature, text, algorithm);
}

Result<PreparedXades> prepare_xades_of_hash(const Bytes& document_hash,
                                            std::string_view name,
                                            const std::vector<Bytes>& chain,
                                            const Algorithm& algorithm,
                                            std::int64_t signing_time_ms) {
    if (document_hash.size() != hsm::protocol::digest_length(algorithm.digest)) {
        return invalid("the document's hash has another length than the digest");
    }
    const Target target{uri_of(name), "", "application/octet-stream", document_hash};
    TRY_ASSIGN(const auto signature,
               unsigned_signature(target, {chain, algorithm, signing_time_ms}));
    return prepared_of(signature, signature.file.text(), algorithm);
}

Result<std::string> complete_xades(const PreparedXades& prepared,
                                   const Algorithm& algorithm,
                                   const Bytes& signature,
                                   const Bytes& leaf) {
    const auto certificate = pki::parsed_certificate(leaf);
    auto* key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
    const auto raw = key != nullptr ? pki::raw_signature(key, algorithm, signature) : std::nullopt;
    if (!raw ||
        !pki::verify_signature(key, algorithm, hsm::view_of(prepared.signed_info), signature)) {
        return broken("the signature does not verify under the certificate's key");
    }
    return prepared.before + base64(*raw) + prepared.after;
}

}  // namespace cloudsign::document
