#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/document/pdf_form.h"

// What one revision of a PDF changed in the one before it: told by kind, so that each signature can
// say what it lets others do (ISO 32000-2 §12.8.2.2).
namespace cloudsign::revision {

enum class ChangeKind {
    // what comes with signing
    security_store,     // DSS
    timestamp_added,    // a document time-stamp, in a field of its own
    signature_filled,   // in a field that was there
    signature_added,    // in a new field
    empty_field_added,  // for a signature, showing nothing
    // what some certifications let pass
    form_filled,
    value_changed,  // of a field that had one, or what it shows without any
    annotation,
    metadata,
    // what nobody may
    page_changed,
    form_changed,
    catalog_changed,
    signature_changed,
    object_changed,
    object_removed,
    object_supplied  // one that was referred to but missing when it was signed
};
std::string_view name_of(ChangeKind kind);

struct Change {
    ChangeKind kind;
    std::string detail;  // a field, a page, a key, an object's number
};

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

// Whether a signature lets this happen after it. `permission`: P of its DocMDP, 0 without one.
bool is_allowed(ChangeKind kind, int permission);

// Whether a field shows something of its own: a value, or a box that is ticked.
bool holds_value(document::PdfField& field);

// Where a signature dictionary's /Contents stands in the file; 0: nowhere.
std::size_t contents_offset(QPDFObjectHandle signature);

}  // namespace cloudsign::revision
