#pragma once

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/revision/pdf_changes.h"

namespace cloudsign::revision {

// What a signature lets others do after it.
struct Terms {
    int permission = 0;  // P of its own DocMDP; 0: it certifies nothing
    // P of a certification that stood when it signed, its own or another's; 0: none.
    int certified = 0;
    const document::PdfForm* form = nullptr;  // of its revision: the fields that are locked
};

enum class Ruling { allowed, forbidden, against_certification, locked };

// ISO 32000-2 §12.8.2.2, §12.8.2.4; without a certification the rule is ours (VERIFY.md).
Ruling ruling_on(const Change& change, const Terms& terms);

// P of a signature's own DocMDP; 0: it has none.
int permission_of(QPDFObjectHandle signature);

}  // namespace cloudsign::revision
