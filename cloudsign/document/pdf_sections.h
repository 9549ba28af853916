#pragma once

#include <optional>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/document/xref_rows.h"
#include "cloudsign/error.h"

namespace cloudsign::document {

enum class XrefKind { table, stream };

// One cross-reference section of a PDF: each revision of the file ends in one (ISO 32000-2 §7.5).
struct XrefSection {
    std::size_t offset = 0;
    std::size_t end = 0;  // one past its trailer's dictionary, or its stream's "endstream"
    XrefKind kind = XrefKind::table;
    bool is_hybrid = false;  // a table beside a stream, which only some readers follow (§7.5.8.4)
    std::vector<XrefRow> rows;
};

// Where a file says that its last section is, and where it ends ("%%EOF"); nothing when its end
// does not say so: it is cut off, or something else stands there.
struct PdfEnd {
    std::size_t section = 0;
    std::size_t end = 0;
};
std::optional<PdfEnd> end_of_pdf(hsm::ByteView pdf);

// All of them, the last one first; `invalid` when the chain cannot be followed strictly: a section
// is not well-formed, or would unpack to more than 64 MB.
Result<std::vector<XrefSection>> read_sections(hsm::ByteView pdf);

}  // namespace cloudsign::document
