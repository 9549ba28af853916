#pragma once

#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::document {

enum class XrefKind { table, stream };

// One cross-reference section of a PDF: each revision of the file ends in one (ISO 32000-2 §7.5).
struct XrefSection {
    std::size_t offset = 0;
    XrefKind kind = XrefKind::table;
    bool is_hybrid = false;  // a table beside a stream, which only some readers follow (§7.5.8.4)
};

// All of them, the last one first; `invalid` when the chain cannot be followed strictly, or one
// would unpack to more than 64 MB.
Result<std::vector<XrefSection>> read_sections(hsm::ByteView pdf);

}  // namespace cloudsign::document
