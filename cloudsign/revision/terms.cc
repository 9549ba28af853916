#include "cloudsign/revision/terms.h"

#include <algorithm>

namespace cloudsign::revision {
namespace {

constexpr int references_max = 16;

}  // namespace

Ruling ruling_on(const Change& change, const Terms& terms) {
    const bool is_of_a_field = change.kind == ChangeKind::form_filled ||
                               change.kind == ChangeKind::value_changed ||
                               change.kind == ChangeKind::signature_filled;
    if (is_of_a_field && terms.form != nullptr && terms.form->is_locked(change.detail)) {
        return Ruling::locked;
    }
    // Who signs a certified form knows that its fields may be filled in otherwise.
    const bool is_form_of_others = change.kind == ChangeKind::value_changed &&
                                   terms.permission == 0 &&
                                   is_allowed(change.kind, terms.certified);
    if (is_allowed(change.kind, terms.permission) || is_form_of_others) {
        return Ruling::allowed;
    }
    const bool is_ever_allowed = is_allowed(change.kind, 0) || is_allowed(change.kind, 3);
    return terms.permission != 0 && is_ever_allowed ? Ruling::against_certification
                                                    : Ruling::forbidden;
}

int permission_of(QPDFObjectHandle signature) {
    auto references = signature.getKey("/Reference");
    for (int i = 0; references.isArray() && i < references.getArrayNItems() && i < references_max;
         ++i) {
        auto reference = references.getArrayItem(i);
        if (!reference.getKeyIfDict("/TransformMethod").isNameAndEquals("/DocMDP")) {
            continue;
        }
        auto level = reference.getKeyIfDict("/TransformParams").getKeyIfDict("/P");
        constexpr int default_level = 2;
        return level.isInteger() ? std::clamp(level.getIntValueAsInt(), 1, 3) : default_level;
    }
    return 0;
}

}  // namespace cloudsign::revision
