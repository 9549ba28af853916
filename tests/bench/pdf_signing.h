#pragma once

#include <cstddef>

namespace bench {

// CPU microseconds of what a PAdES B-B signature of a file of 40 KB takes beside the signature, and
// of the parts of it that nobody can do without, each alone.
struct PdfSigning {
    double prepare_us = 0;
    double complete_us = 0;
    double intake_us = 0;  // before a file's first signature
    double hash_us = 0;    // SHA-256 of the file
    double parse_us = 0;   // by QPDF: all objects of the file
    std::size_t file_size = 0;
};

PdfSigning measure_pdf_signing(unsigned count);

}  // namespace bench
