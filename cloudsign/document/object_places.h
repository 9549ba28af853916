#pragma once

#include <qpdf/QPDF.hh>
#include <vector>

#include "cloudsign/document/pdf_sections.h"

// Readers differ in where they look for an object: by number alone or by number and generation, by
// what the cross-references say or by what stands there. A file in which these lead to different
// objects shows different people different texts, whatever is signed in it.
namespace cloudsign::document {

// `damaged()` unless each number has one object, of one generation in all sections, at a place
// that says the same, and `pdf` has found just these.
Result<void> check_places(hsm::ByteView bytes, const std::vector<XrefSection>& sections, QPDF& pdf);

// The same of the object streams of `pdf`: each number once, at the index that the
// cross-references say (ISO 32000-2 §7.5.7). `invalid` when they unpack to more than 128 MB or
// 8,000,000 values: each is read whole when any of its objects is asked for.
Result<void> check_object_streams(QPDF& pdf);

// `invalid` as above, whatever else is wrong with them.
Result<void> check_object_stream_sizes(QPDF& pdf);

}  // namespace cloudsign::document
