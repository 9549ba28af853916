#pragma once

#include "cloudsign/document/pdf_appearance.h"
#include "cloudsign/document/pdf_increment.h"

namespace cloudsign::document {

// The part of the page that is shown: CropBox within MediaBox. `invalid` when it is no area.
Result<ShownPage> shown_page(PdfPage& page);

// Where `appearance` stands on `page`, if no field says so; `invalid`, in words, unless all of it
// is shown.
Result<PdfBox> place(const PdfAppearance& appearance, const ShownPage& page);

// The form XObject of `appearance` in a box of this size, upright on a page turned by `rotation`.
// `invalid`, in words, when its text does not fit or cannot be written.
Result<QPDFObjectHandle> write_appearance(PdfIncrement& increment,
                                          const PdfAppearance& appearance,
                                          const PdfBox& box,
                                          int rotation);

}  // namespace cloudsign::document
