#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/document/pdf_geometry.h"
#include "cloudsign/error.h"

namespace cloudsign::document {

// Of the font size: from a base line to the next, and from the top of a line to its base line.
inline constexpr double leading = 1.2;
inline constexpr double ascent = 0.9;

enum class TextAlignment { left, centre, right };

// What a signature shows on its page: a picture, lines of text below it, or both.
struct PdfAppearance {
    // Without one it is as large as its text and stands in the upper right corner; in a field that
    // is there, the field's own rectangle counts.
    std::optional<PdfBox> box;
    // A seal over the left third of what this field shows, on its page: its picture, so many points
    // wide and high.
    std::string seal_over;
    double seal_size = 0;
    Bytes picture;                   // PNG; fitted into what the text leaves, in the middle
    std::vector<std::string> lines;  // UTF-8, black
    double font_size = 10;           // points
    double below = 0;                // points that stay free below the text, of its box
    TextAlignment alignment = TextAlignment::left;

    bool is_empty() const { return picture.empty() && lines.empty(); }
};

// ISO 8601 at UTC+7, to the second: as Nghị định 30/2020 wants the time of signing.
std::string iso_time(std::int64_t time_ms);

}  // namespace cloudsign::document
