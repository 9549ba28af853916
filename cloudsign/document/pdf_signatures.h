#pragma once

#include <string>
#include <vector>

#include "cloudsign/document/pdf_placeholder.h"

namespace cloudsign::document {

class PdfFile;
struct PdfField;

// A signature or document time-stamp that a file has.
struct PdfSigned {
    std::string field;
    bool is_timestamp = false;  // /SubFilter /ETSI.RFC3161
    PdfPlaceholder place;       // of /Contents
    std::size_t end = 0;        // one past what it covers: where its revision ends
    Bytes contents;             // all of /Contents: a CMS, and zeros behind it

    // The file as it was then.
    hsm::ByteView revision(hsm::ByteView pdf) const { return pdf.first(end); }
};

// Of a field that is_signed(); `invalid` when it covers the file in another way.
Result<PdfSigned> read_signature(PdfFile& file, PdfField& field);

// All of them, the oldest first. `invalid`, in words, when the file cannot be read, or one covers
// its revision in another way than from the first byte to the last around its /Contents.
Result<std::vector<PdfSigned>> read_signatures(hsm::ByteView pdf);

}  // namespace cloudsign::document
