#pragma once

#include <qpdf/QPDFObjectHandle.hh>
#include <string_view>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::document {

constexpr int object_number_max = 8'388'607;  // ISO 32000-1 annex C
// Of all sections of a file: QPDF takes some hundred bytes for each.
constexpr std::size_t xref_rows_max = 3'000'000;

// What a cross-reference section says of one object (ISO 32000-2 §7.5.4, §7.5.8.3).
struct XrefRow {
    enum class Kind { free, plain, packed };

    int number = 0;
    Kind kind = Kind::free;
    int generation = 0;      // 0 of a packed one
    std::size_t offset = 0;  // of its head, "3 0 obj"; packed: the number of its object stream
    int index = 0;           // packed: in that

    bool operator==(const XrefRow&) const = default;
};

// White space of PDF (§7.2.3).
bool is_pdf_space(char c);
// The first character from `at` on that is none.
std::size_t behind_spaces(std::string_view text, std::size_t at);

// "3 0 obj" at `at`; `end` is one past it. Number -1: there is none.
struct ObjectHead {
    int number = -1;
    int generation = 0;
    std::size_t end = 0;
};
ObjectHead object_head(std::string_view text, std::size_t at);

// That are more.
Error too_many_rows();

// The rows of a table from behind its "xref" on, which readers take by lines, by words or by twenty
// bytes each: they are read where all of these agree. Answers where "trailer" stands.
Result<std::size_t> read_table_rows(std::string_view text,
                                    std::size_t at,
                                    std::vector<XrefRow>& rows);

// The rows of a cross-reference stream, unpacked.
Result<void> read_stream_rows(QPDFObjectHandle dictionary,
                              hsm::ByteView unpacked,
                              std::vector<XrefRow>& rows);

}  // namespace cloudsign::document
