#pragma once

#include <map>
#include <string>

#include "cloudsign/bytes.h"
#include "cloudsign/document/pdf_geometry.h"
#include "cloudsign/error.h"

// Text fields (ISO 32000-2 §12.7.5.3) that are kept free on a page before anybody signs it, and
// filled in with a later signature: an office's clerk enters number and date into a paper that its
// head has signed (Nghị định 30/2020).
namespace cloudsign::document {

struct TextPlace {
    std::string name;  // of the field: no other has it, and it has no ".", "=", "/"
    std::size_t page = 1;
    PdfBox box;
    double font_size = 13;  // points, as Nghị định 30/2020 has it for a paper's number
};

// What comes behind `pdf`, which nobody has signed yet, so that it has this empty field. `invalid`,
// in words, when it is signed, the name cannot be used, or the place is none.
Result<std::string> reserve_text(hsm::ByteView pdf, const TextPlace& place);

// The box of a line of text that goes on behind `phrase`, on its base line.
PdfBox box_after(const PdfBox& phrase, double width, double font_size);

// What to fill in, by the fields' names: UTF-8, one line each.
using FieldTexts = std::map<std::string, std::string>;

}  // namespace cloudsign::document
