#include "cloudsign/revision/change.h"

namespace cloudsign::revision {

std::string_view name_of(ChangeKind kind) {
    constexpr std::string_view names[] = {"security_store",
                                          "timestamp_added",
                                          "signature_filled",
                                          "signature_added",
                                          "empty_field_added",
                                          "signature_shown",
                                          "form_filled",
                                          "value_changed",
                                          "annotation",
                                          "metadata",
                                          "page_changed",
                                          "page_covered",
                                          "form_changed",
                                          "catalog_changed",
                                          "signature_changed",
                                          "object_changed",
                                          "object_removed",
                                          "object_supplied"};
    return names[static_cast<std::size_t>(kind)];
}

bool is_allowed(ChangeKind kind, int permission) {
    constexpr int nothing = 1;
    constexpr int forms = 2;
    constexpr int annotations = 3;
    switch (kind) {
        case ChangeKind::security_store:
        case ChangeKind::timestamp_added:
            return true;
        case ChangeKind::signature_filled:
        case ChangeKind::signature_shown:
        case ChangeKind::form_filled:
        case ChangeKind::metadata:
            return permission != nothing;
        case ChangeKind::signature_added:
        case ChangeKind::empty_field_added:
            return permission == 0;
        case ChangeKind::value_changed:
            return permission >= forms;
        case ChangeKind::annotation:
            return permission == annotations;
        default:
            return false;
    }
}

}  // namespace cloudsign::revision
