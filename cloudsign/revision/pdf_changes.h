#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/revision/change.h"

// What one revision of a PDF changed in the one before it: told by kind, so that each signature can
// say what it lets others do (ISO 32000-2 §12.8.2.2).
namespace cloudsign::revision {

// The signature by which the later revision ends, if it ends in one that stands.
struct Ending {
    std::size_t contents = 0;  // where its /Contents begins
    bool is_timestamp = false;
};

// Throws std::runtime_error when it cannot be told what was changed: what was added is no plain
// update (increments.h), or can be read in more than one way; and what QPDF throws, for
// with_qpdf().
std::vector<Change> changes_between(document::PdfFile& before,
                                    document::PdfFile& after,
                                    const std::optional<Ending>& ending);

// Whether a field shows something of its own: a value, or a box that is ticked.
bool holds_value(document::PdfField& field);

// Where a signature dictionary's /Contents stands in the file; 0: nowhere.
std::size_t contents_offset(QPDFObjectHandle signature);

}  // namespace cloudsign::revision
