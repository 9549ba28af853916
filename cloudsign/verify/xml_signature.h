#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "cloudsign/document/xml_file.h"
#include "cloudsign/verify/cms.h"

namespace cloudsign::verify {

constexpr std::size_t xml_references_max = 16;

// What stands in a ds:Signature, and what of the file it covers.
struct CheckedXml {
    CheckedSigner signer;
    bool is_xades = false;       // its properties are signed, and name time and certificate
    bool covers_all = false;     // the root element, but for the signature itself
    bool covers_beside = false;  // and what stands beside the root
    std::vector<const _xmlNode*> covered;  // elements
};

// The certificates of KeyInfo are put into `pool`.
void collect_from(const _xmlNode* signature, CertificatePool& pool);

// `beside`: the document, where the signature lies in a file of its own; it may then name that file
// and nothing else but its own properties. `too_long` when it is not done by `deadline`.
CheckedXml check_xml(const document::XmlFile& file,
                     const _xmlNode* signature,
                     std::optional<hsm::ByteView> beside,
                     std::chrono::steady_clock::time_point deadline);

}  // namespace cloudsign::verify
