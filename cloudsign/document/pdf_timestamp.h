#pragma once

#include "cloudsign/document/pdf_signatures.h"

// Time-stamps in a PDF (ETSI EN 319 142-1 §5.3 and §5.4.3).
namespace cloudsign::document {

// A document time-stamp before there is a token: what comes behind the file, but for /Contents.
struct PreparedTimestamp {
    std::string before;
    std::string after;
    std::size_t room = 0;
    Bytes hash;  // SHA-256 of what it covers: what is to be stamped
};

// `room`: bytes for the token. A certification does not forbid it (ISO 32000-2 §12.8.2.2).
// `invalid`, in words, where the file cannot take it.
Result<PreparedTimestamp> prepare_timestamp(hsm::ByteView pdf, std::size_t room);

// What comes behind the file, token included; `invalid` when it is too large.
Result<std::string> complete_timestamp(const PreparedTimestamp& prepared, const Bytes& token);

// /Contents of a signature with a signature-time-stamp in it, as long as it was: to be put in its
// place while nothing that came later covers it. `invalid` when it has not the room.
Result<std::string> stamped_contents(const PdfSigned& signature, const Bytes& token);

}  // namespace cloudsign::document
