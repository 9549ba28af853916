#pragma once

#include <optional>

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/revision/pdf_changes.h"
#include "cloudsign/verify/cms.h"
#include "cloudsign/verify/organisation_place.h"
#include "cloudsign/verify/pdf_place.h"
#include "cloudsign/verify/report.h"

namespace cloudsign::verify {

// One signature of a file, between the steps of its check.
struct PdfSigner {
    SignatureReport report;
    QPDFObjectHandle value;
    PdfPlace place;
    ShownSignature shown;
    std::optional<Cms> cms;
    std::optional<CheckedSigner> checked;
    bool is_intact = false;                 // by itself, whatever came behind it
    std::optional<document::PdfForm> form;  // of the revision that it ends
    std::vector<revision::Change> later;    // what came behind it
    int certified = 0;       // P of a certification that stood then, of whomever; 0: none
    bool has_store = false;  // of evidence, under this document time-stamp
    bool has_evidence = false;
    bool is_proof = false;  // a document time-stamp that says when it was there

    bool is_timestamp() const { return report.kind == SignatureKind::document_timestamp; }
};

struct PdfSigners {
    std::vector<PdfSigner> signatures;  // the oldest first, those without a place last
    bool is_cut = false;                // there are more
};

// The signatures of a form, with what their dictionaries say; nothing is checked but where they
// stand. Errors as PdfForm's; throws what QPDF throws.
Result<PdfSigners> list_pdf_signatures(document::PdfFile& file);

}  // namespace cloudsign::verify
