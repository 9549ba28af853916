#pragma once

#include <qpdf/QPDFObjectHandle.hh>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::document {

// What a stream unpacks to. A small one may unpack to gigabytes, in its last step, in one before
// that, or in a row that it announces: `left` is how many bytes may come, and is lessened by those
// that came. `invalid` in words when it is more, or packed in a way that no file needs here (two
// compressions, or what is for pictures); `damaged()` when it cannot be unpacked. Throws what QPDF
// throws, for with_qpdf().
Result<Bytes> unpack(QPDFObjectHandle stream, std::size_t& left);

}  // namespace cloudsign::document
