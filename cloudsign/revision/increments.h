#pragma once

#include "cloudsign/document/pdf_file.h"

namespace cloudsign::revision {

// That `after` is `before` with plain updates behind it (ISO 32000-2 §7.5.6): each goes on from the
// section in which the one before it ends, and consists of the objects that its section names, that
// section and its end, with nothing but white space and comments between them. Throws
// std::runtime_error otherwise, and what QPDF throws: what lies there without being named is read
// by those who look for objects themselves.
void check_increments(document::PdfFile& before, document::PdfFile& after);

}  // namespace cloudsign::revision
