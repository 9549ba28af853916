#pragma once

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/pdf_increment.h"
#include "cloudsign/document/pdf_signature.h"

// The field of a form that holds a signature (ISO 32000-2 §12.7.5.5).
namespace cloudsign::document {

// Puts `value`, an object of the increment, into the field that `wish` names, or into a new one
// with what it shows; answers the field's name.
Result<std::string> place_field(PdfFile& file,
                                PdfForm& form,
                                PdfIncrement& increment,
                                QPDFObjectHandle value,
                                const PdfSignature& wish);

// The same in a new field that shows nothing, on the first page, named `prefix` and a number.
Result<std::string> add_invisible_field(PdfFile& file,
                                        PdfForm& form,
                                        PdfIncrement& increment,
                                        QPDFObjectHandle value,
                                        const std::string& prefix);

}  // namespace cloudsign::document
