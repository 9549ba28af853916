#pragma once

#include "cloudsign/document/pdf_wish.h"
#include "server/api/csc/parameters.h"

namespace server::api::csc {

// field, reason, location, certify, fill and `appearance` of documents/prepare: the same words as
// the options of `kyso sign`. "Invalid parameter X"; a member of `appearance` that is none would be
// missed on the page alone, and is refused too.
Checked<cloudsign::document::PdfWish> read_pdf_wish(const Parameters& parameters);

}  // namespace server::api::csc
