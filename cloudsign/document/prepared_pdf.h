#pragma once

#include <string>
#include <string_view>

#include "cloudsign/document/cms_signature.h"

namespace cloudsign::document {

// A PDF signature between its two phases: everything that `complete_pdf` needs beside the signature
// itself. It may wait for days, anywhere: the document is named by its hash, and what was put
// behind it is here, but for the zeros that the signature will replace.
struct PreparedPdf {
    std::uint64_t base_size = 0;
    Bytes base_hash;       // SHA-256 of the file that was to be signed
    std::string before;    // of the increment: up to the signature's "<"
    std::string after;     // behind its ">"
    std::size_t room = 0;  // for a CMS of so many bytes
    std::string field;     // where the signature is in the file, for whoever augments it later
    Algorithm algorithm;
    Bytes document_hash;  // over the ByteRange
    PreparedCms cms;      // cms.hash is what the signer approves
};

// One line of JSON.
std::string to_text(const PreparedPdf& prepared);
// `invalid` for anything that to_text() has not written.
Result<PreparedPdf> read_prepared_pdf(std::string_view text);

}  // namespace cloudsign::document
