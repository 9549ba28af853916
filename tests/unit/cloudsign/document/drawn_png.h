#pragma once

#include "tests/unit/cloudsign/document/judges.h"

// Pictures that tests paint into PDFs, and pages that they have painted, as PNG.
namespace cloudsign::document {

// `pixels`: red, green, blue, alpha, row after row.
Bytes png_of(const Bytes& pixels, unsigned width, unsigned height);

void write_png(const std::filesystem::path& file, const Painted& page);
// Of no size when there is no such file.
Painted read_png(const std::filesystem::path& file);

}  // namespace cloudsign::document
