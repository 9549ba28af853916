#pragma once

#include <string>

#include "cloudsign/document/cms_signature.h"

namespace cloudsign::document {

// The place that a prepared PDF keeps for its last signature (ISO 32000-2 §12.8.1): everything but
// "<000…>" is signed.
struct PdfPlaceholder {
    std::size_t contents = 0;  // where "<" stands
    std::size_t behind = 0;    // one past ">"

    std::size_t room() const { return (behind - contents - 2) / 2; }
};

// Of the one signature of the file's form that waits for its value and covers all of the file, from
// the first byte to the last. `invalid`, in words, when there is none, when another one waits as
// well, and when the file cannot be read.
Result<PdfPlaceholder> find_placeholder(hsm::ByteView pdf);

// The hash of what the ByteRange covers.
Bytes hash_around(hsm::ByteView pdf,
                  const PdfPlaceholder& placeholder,
                  hsm::protocol::DigestAlgorithm digest);

// A CMS as /Contents has it, "<" and ">" included, filled up with zeros; `invalid` when it is
// larger than `room`.
Result<std::string> contents_of(const Bytes& cms, std::size_t room);

}  // namespace cloudsign::document
