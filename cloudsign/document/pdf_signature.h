#pragma once

#include <string>
#include <vector>

#include "cloudsign/document/pdf_appearance.h"
#include "cloudsign/document/pdf_text_field.h"
#include "cloudsign/document/prepared_pdf.h"

// PAdES (ETSI EN 319 142-1) at level B-B, in two phases with the signer's approval in between.
namespace cloudsign::document {

enum class Certification { none, fields_only };  // fields_only: DocMDP with P 2

// What is to be signed, and how it is told.
struct PdfSignature {
    std::string field;         // an empty field of the file; without a name a new one
    std::size_t page = 1;      // of a new field
    PdfAppearance appearance;  // empty: nothing is shown
    FieldTexts fill;           // put into text fields, and locked by this signature (FieldMDP)
    std::string reason;
    std::string location;
    std::int64_t time_ms = 0;  // as the PDF tells it, at UTC+7
    Certification certification = Certification::none;
};

// Phase one. `chain`: leaf first, DER. Not a byte of `pdf` changes: the answer says what comes
// behind it. `invalid`, with a sentence for the user, when the file cannot be signed so that every
// reader agrees, or when an earlier signature forbids it; `not_found` for the field.
Result<PreparedPdf> prepare_pdf(hsm::ByteView pdf,
                                const std::vector<Bytes>& chain,
                                const Algorithm& algorithm,
                                const PdfSignature& wish);

// What comes behind the file as long as nobody has signed it: a PDF with an empty signature
// (pdf_placeholder.h).
std::string unsigned_increment(const PreparedPdf& prepared);

// Phase two: what comes behind the file, signature included. The signature is checked under the
// leaf's key first; `internal` when it does not verify, `invalid` when the CMS has no room.
Result<std::string> complete_pdf(const PreparedPdf& prepared,
                                 const Bytes& signature,
                                 const std::vector<Bytes>& chain);

// `conflict` unless `pdf` is the file that was prepared: somebody else has signed it meanwhile,
// say.
Result<void> check_base(const PreparedPdf& prepared, hsm::ByteView pdf);

}  // namespace cloudsign::document
