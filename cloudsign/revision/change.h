#pragma once

#include <string>
#include <string_view>

namespace cloudsign::revision {

enum class ChangeKind {
    // what comes with signing
    security_store,     // DSS
    timestamp_added,    // a document time-stamp, in a field of its own
    signature_filled,   // in a field that was there
    signature_added,    // in a new field
    empty_field_added,  // for a signature, showing nothing
    signature_shown,    // either of them, painting on a page
    // what some certifications let pass
    form_filled,
    value_changed,  // of a field that had one, or what it shows without any
    annotation,
    metadata,
    // what nobody may
    page_changed,
    page_covered,  // by the picture of a later signature
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

// Whether a signature lets this happen after it. `permission`: P of its DocMDP, 0 without one.
bool is_allowed(ChangeKind kind, int permission);

}  // namespace cloudsign::revision
