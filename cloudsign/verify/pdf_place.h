#pragma once

#include <array>

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/verify/finding.h"

namespace cloudsign::verify {

// Which bytes of the file a signature is over: all from the first one up to `end`, but for its own
// value, "<" at `hole` to ">" before `behind`.
struct PdfPlace {
    std::size_t hole = 0;
    std::size_t behind = 0;
    std::size_t end = 0;
    std::string value;  // of /Contents, with what fills it up
    Findings findings;  // empty: it is so

    bool stands() const { return findings.empty(); }
};

// ISO 32000-2 §12.8.1, strictly: readers have been brought to accept a signature that covers
// another file, or nothing, by each liberty that they took here (pdf-insecurity.org).
PdfPlace place_of(QPDFObjectHandle signature, hsm::ByteView pdf);

}  // namespace cloudsign::verify
