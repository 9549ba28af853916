#pragma once

#include <string>

#include "cloudsign/error.h"
#include "cloudsign/verify/report.h"

namespace cloudsign::verify {

// The report as a PDF to be printed: A4, upright, in Vietnamese or English. What the font lacks
// becomes "?". `internal` when it cannot be made.
Result<std::string> to_pdf(const Report& report, Language language);

}  // namespace cloudsign::verify
