#pragma once

#include <memory>
#include <qpdf/QPDF.hh>
#include <string>
#include <vector>

#include "cloudsign/document/pdf_sections.h"

namespace cloudsign::document {

// Readers keep offsets in 32 bits.
constexpr std::size_t pdf_size_max = 0x7fffffff;

struct PdfPage {
    QPDFObjectHandle object;
    // Inherited along the page tree (ISO 32000-2 §7.7.3.4).
    QPDFObjectHandle media_box;
    QPDFObjectHandle crop_box;
    int rotation = 0;  // 0, 90, 180, 270: clockwise
};

// A PDF read strictly, from memory that outlives this: what QPDF would have to guess is refused, so
// that what we sign is what every reader sees.
class PdfFile {
public:
    // `invalid`, in words, when the file is encrypted, damaged, larger than `size_max`, or
    // something stands before its head.
    static Result<std::unique_ptr<PdfFile>> open(hsm::ByteView bytes,
                                                 std::size_t size_max = pdf_size_max);

    hsm::ByteView bytes() const { return bytes_; }
    QPDF& pdf() { return pdf_; }
    QPDFObjectHandle root() { return pdf_.getRoot(); }
    const XrefSection& last_section() const { return sections_.front(); }
    const std::vector<XrefSection>& sections() const { return sections_; }
    // Has two tables beside each other in any of its sections: nobody knows which of them a reader
    // follows, and what is said of where its objects lie was not checked.
    bool is_hybrid() const;
    // The first object number that is free.
    int next_number();

    // `number` counts from 1. `invalid` when there is none.
    Result<PdfPage> page(std::size_t number);
    // `invalid` unless the whole page tree can be read.
    Result<void> check_pages();
    // What a page has and inherits.
    static PdfPage with_inherited(QPDFObjectHandle page);

    // `invalid` when QPDF has warned of anything since the file was opened.
    Result<void> check_undamaged();
    // What it has warned of: it reads objects as they are asked for.
    const std::vector<std::string>& warnings();

private:
    explicit PdfFile(hsm::ByteView bytes) : bytes_(bytes) {}

    hsm::ByteView bytes_;
    QPDF pdf_;
    std::vector<XrefSection> sections_;
    std::vector<std::string> warnings_;
};

}  // namespace cloudsign::document
