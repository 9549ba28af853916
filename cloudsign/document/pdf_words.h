#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/document/pdf_geometry.h"
#include "cloudsign/error.h"

namespace cloudsign::document {

// A word as Poppler's pdftotext finds it: its box on the whole MediaBox, turned as the page is
// shown, from the upper left, y downwards.
struct PdfWord {
    std::size_t page = 1;
    PdfBox box;
    std::string text;  // composed (NFC)
};

// All words of a file in reading order, read by a child process of its own: Poppler is GPL, and
// what it reads may be hostile. `invalid` when it says no; `unavailable` when it is not there,
// takes more than 60 s or writes more than 64 MB.
Result<std::vector<PdfWord>> read_words(const std::filesystem::path& pdf);

// The same from what pdftotext -bbox writes.
std::vector<PdfWord> parse_words(std::string_view xhtml);

struct TextHit {
    std::size_t page = 1;
    PdfBox box;  // of its first line
};
// Where `phrase` stands in `pdf`, which `file` holds too: boxes on what the pages show. A hit that
// no page shows is none. Errors as read_words(), and those of PdfFile.
Result<std::vector<TextHit>> find_text(const std::filesystem::path& file,
                                       hsm::ByteView pdf,
                                       std::string_view phrase);

// Where `phrase` stands, however it was composed and over however many words and lines.
std::vector<TextHit> find_phrase(const std::vector<PdfWord>& words, std::string_view phrase);

}  // namespace cloudsign::document
