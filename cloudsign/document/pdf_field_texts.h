#pragma once

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/pdf_increment.h"
#include "cloudsign/document/pdf_text_field.h"

namespace cloudsign::document {

// The same by the names as the form has them, however either was composed. `not_found` for a name
// that no text field has, `invalid` for one that several have.
Result<FieldTexts> by_names_of_form(PdfForm& form, const FieldTexts& texts);

// Puts each text into its field, which is empty, and shows it: in the size that the field has, or
// smaller where its box is narrow. `invalid`, in words, when the field is filled or shows
// something, is locked, hidden, too small, of a kind that shows no plain line, or its text is none.
Result<void> fill_in_texts(PdfFile& file,
                           PdfForm& form,
                           PdfIncrement& increment,
                           const FieldTexts& texts);

// FieldMDP (ISO 32000-2 §12.8.2.4), for a signature's /Reference: what was filled in stays.
QPDFObjectHandle lock_on(const FieldTexts& texts, QPDFObjectHandle root);

}  // namespace cloudsign::document
