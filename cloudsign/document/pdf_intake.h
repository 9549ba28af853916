#pragma once

#include <string>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::document {

struct PdfIntake {
    Bytes rewritten;   // empty: the file is to be signed as it is
    std::string note;  // what was rewritten, in a sentence for the user; empty where nothing was
};

// Makes a file that is not signed yet ready for its first signature: what only some readers follow
// (hybrid cross-references) or what they would have to repair is written anew. A file with a
// signature is never rewritten: for it, for what cannot be mended, and for a file with a signature
// that was prepared and never finished, `invalid` in words.
Result<PdfIntake> take_in_pdf(hsm::ByteView pdf);

}  // namespace cloudsign::document
