#pragma once

#include "cloudsign/document/pdf_increment.h"

namespace cloudsign::document {

struct PdfImage {
    QPDFObjectHandle object;  // an image XObject with its transparency
    int width = 0;            // pixels
    int height = 0;
};

// A PNG, written into `increment`. `invalid`, in words, when it is none, or has more than 4,096
// pixels a side.
Result<PdfImage> write_png(PdfIncrement& increment, hsm::ByteView png);

}  // namespace cloudsign::document
