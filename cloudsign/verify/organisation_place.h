#pragma once

#include <span>

#include "cloudsign/document/pdf_geometry.h"

namespace cloudsign::verify {

// Where a signature is shown.
struct ShownSignature {
    std::size_t page = 0;  // 0: nowhere
    document::PdfBox box;  // on the page as it is shown
    double page_width = 0;
    double page_height = 0;
};

// Whether `own` stands where Nghị định 30/2020 (Phụ lục I) has an organisation's signature: over
// the left of a person's, as a seal, or in the upper right corner of the first page. `earlier`:
// those that were there before.
bool is_organisation_place(const ShownSignature& own, std::span<const ShownSignature> earlier);

}  // namespace cloudsign::verify
