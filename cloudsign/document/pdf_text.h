#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/document/pdf_increment.h"
#include "cloudsign/error.h"

namespace cloudsign::document {

// Text in Liberation Serif, which has the metrics of Times New Roman: shaped by HarfBuzz, and only
// the glyphs that are used are put into the PDF.
class PdfText {
public:
    PdfText();
    ~PdfText();
    PdfText(const PdfText&) = delete;
    PdfText& operator=(const PdfText&) = delete;

    struct Line {
        std::string glyphs;  // operand of Tj: "<…>"
        double width = 0;    // in units of the font size
    };
    // One line of UTF-8, composed or decomposed. `invalid` when the font lacks a character, named
    // in the words: never a box in its place.
    Result<Line> shape(std::string_view utf8);

    // The font of all lines that were shaped, written into `increment`.
    Result<QPDFObjectHandle> write_font(PdfIncrement& increment) const;

private:
    struct Font;

    std::unique_ptr<Font> font_;
};

}  // namespace cloudsign::document
