#include "cloudsign/document/xref_rows.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "cloudsign/document/qpdf_error.h"

namespace cloudsign::document {
namespace {

constexpr std::size_t table_row_size = 20;
constexpr std::size_t offset_digits = 10;
constexpr std::size_t generation_digits = 5;
constexpr int generation_max = 65'535;
constexpr int fields = 3;
constexpr long long field_width_max = 8;

// As many digits as there are, or exactly `width`; moves `at` behind them.
std::optional<std::size_t> take_number(std::string_view text,
                                       std::size_t& at,
                                       std::size_t width = std::string_view::npos) {
    const auto part = text.substr(std::min(at, text.size()), width);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    const auto size = static_cast<std::size_t>(end - part.data());
    if (error != std::errc() || (width != std::string_view::npos && size != width)) {
        return std::nullopt;
    }
    at += size;
    return number;
}

bool is_line_end(std::string_view two) {
    return two == " \n" || two == " \r" || two == "\r\n";
}

std::optional<XrefRow> table_row(std::string_view text, int number) {
    std::size_t at = 0;
    const auto offset = take_number(text, at, offset_digits);
    if (!offset || text.substr(at++, 1) != " ") {
        return std::nullopt;
    }
    const auto generation = take_number(text, at, generation_digits);
    const auto kind = text.substr(std::min(at + 1, text.size()), 1);
    if (!generation || *generation > generation_max || text.substr(at, 1) != " " ||
        (kind != "n" && kind != "f") || !is_line_end(text.substr(at + 2))) {
        return std::nullopt;
    }
    XrefRow row;
    row.number = number;
    row.kind = kind == "n" ? XrefRow::Kind::plain : XrefRow::Kind::free;
    row.generation = static_cast<int>(*generation);
    row.offset = *offset;
    return row;
}

// The first number of a subsection and how many follow, as both kinds have it.
Result<void> check_range(std::size_t first, std::size_t count, const std::vector<XrefRow>& rows) {
    if (count > xref_rows_max - std::min(rows.size(), xref_rows_max)) {
        return too_many_rows();
    }
    if (first > object_number_max || first + count > object_number_max + std::size_t{1}) {
        return damaged("its cross-references name an object beyond all numbers");
    }
    return {};
}

std::optional<std::vector<std::size_t>> numbers_of(QPDFObjectHandle array) {
    std::vector<std::size_t> numbers;
    if (!array.isArray() || array.isIndirect()) {
        return std::nullopt;
    }
    for (auto& item : array.getArrayAsVector()) {
        if (!item.isInteger() || item.isIndirect() || item.getIntValue() < 0) {
            return std::nullopt;
        }
        numbers.push_back(static_cast<std::size_t>(item.getIntValue()));
    }
    return numbers;
}

// The fields of a stream's row, of the widths that its dictionary names.
class RowFields {
public:
    explicit RowFields(const std::vector<std::size_t>& widths) : widths_(widths) {}

    std::size_t size() const { return widths_[0] + widths_[1] + widths_[2]; }

    std::optional<XrefRow> row(hsm::ByteView bytes, int number) const {
        std::size_t values[fields] = {1, 0, 0};  // a type of no width is 1
        std::size_t at = 0;
        for (std::size_t i = 0; i < fields; ++i) {
            if (widths_[i] == 0) {
                continue;
            }
            values[i] = 0;
            for (const auto byte : bytes.subspan(at, widths_[i])) {
                values[i] = values[i] << 8 | byte;
            }
            at += widths_[i];
        }
        const auto [type, second, third] = values;
        XrefRow row;
        row.number = number;
        row.offset = second;
        switch (type) {
            case 0:
                return row;
            case 1:
                row.kind = XrefRow::Kind::plain;
                row.generation = static_cast<int>(third);
                return third <= generation_max ? std::optional(row) : std::nullopt;
            case 2:
                row.kind = XrefRow::Kind::packed;
                row.index = static_cast<int>(third);
                return second <= object_number_max && third <= object_number_max
                           ? std::optional(row)
                           : std::nullopt;
            default:
                return std::nullopt;
        }
    }

private:
    const std::vector<std::size_t>& widths_;
};

}  // namespace

bool is_pdf_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

std::size_t behind_spaces(std::string_view text, std::size_t at) {
    while (at < text.size() && is_pdf_space(text[at])) {
        ++at;
    }
    return at;
}

ObjectHead object_head(std::string_view text, std::size_t at) {
    ObjectHead head;
    auto end = behind_spaces(text, at);
    // Within a longer number it would be another object's.
    const bool is_within = end > 0 && end < text.size() && !is_pdf_space(text[end - 1]) &&
                           text[end - 1] >= '0' && text[end - 1] <= '9';
    const auto number = take_number(text, end);
    const auto before_generation = behind_spaces(text, end);
    auto behind = before_generation;
    const auto generation = take_number(text, behind);
    const auto before_word = behind_spaces(text, behind);
    if (is_within || !number || !generation || *number > object_number_max ||
        *generation > generation_max || before_generation == end || before_word == behind ||
        !text.substr(std::min(before_word, text.size())).starts_with("obj")) {
        return head;
    }
    head.end = before_word + 3;
    constexpr std::string_view delimiters = "<[(/%";
    const bool is_word = head.end < text.size() && !is_pdf_space(text[head.end]) &&
                         delimiters.find(text[head.end]) == std::string_view::npos;
    if (!is_word) {
        head.number = static_cast<int>(*number);
        head.generation = static_cast<int>(*generation);
    }
    return head;
}

Error too_many_rows() {
    return {ErrorKind::invalid,
            "The PDF has too many objects: its cross-references name more than " +
                std::to_string(xref_rows_max) + "."};
}

Result<std::size_t> read_table_rows(std::string_view text,
                                    std::size_t at,
                                    std::vector<XrefRow>& rows) {
    while (true) {
        at = behind_spaces(text, at);
        if (text.substr(std::min(at, text.size())).starts_with("trailer")) {
            return at;
        }
        const auto first = take_number(text, at);
        at = behind_spaces(text, at);
        const auto count = take_number(text, at);
        if (!first || !count) {
            return damaged("its cross-reference table is no table");
        }
        TRY(check_range(*first, *count, rows));
        at = behind_spaces(text, at);
        for (std::size_t i = 0; i < *count; ++i, at += table_row_size) {
            const auto row = table_row(text.substr(std::min(at, text.size()), table_row_size),
                                       static_cast<int>(*first + i));
            if (!row) {
                return damaged("a row of its cross-reference table is malformed");
            }
            if (i == 0 && *first == 1 && row->kind == XrefRow::Kind::free) {
                return damaged("its cross-reference table begins as if it were off by one");
            }
            rows.push_back(*row);
        }
    }
}

Result<void> read_stream_rows(QPDFObjectHandle dictionary,
                              hsm::ByteView unpacked,
                              std::vector<XrefRow>& rows) {
    const auto widths = numbers_of(dictionary.getKey("/W"));
    auto size = dictionary.getKey("/Size");
    if (!widths || widths->size() != fields || !size.isInteger() || size.isIndirect() ||
        std::ranges::any_of(*widths, [](auto width) { return width > field_width_max; })) {
        return damaged("a cross-reference stream does not say what its rows are");
    }
    auto index = numbers_of(dictionary.getKey("/Index"));
    if (!dictionary.hasKey("/Index")) {
        index = {0, static_cast<std::size_t>(std::max(size.getIntValue(), 0ll))};
    }
    const RowFields row_fields(*widths);
    if (!index || index->size() % 2 != 0 || row_fields.size() == 0) {
        return damaged("a cross-reference stream does not say what its rows are");
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < index->size(); i += 2) {
        const auto first = (*index)[i];
        const auto count = (*index)[i + 1];
        TRY(check_range(first, count, rows));
        for (std::size_t k = 0; k < count; ++k, at += row_fields.size()) {
            const auto row = unpacked.size() - at < row_fields.size()
                                 ? std::nullopt
                                 : row_fields.row(unpacked.subspan(at, row_fields.size()),
                                                  static_cast<int>(first + k));
            if (!row) {
                return damaged("a row of its cross-reference stream is malformed");
            }
            rows.push_back(*row);
        }
    }
    return at == unpacked.size() ? Result<void>()
                                 : damaged("a cross-reference stream has more rows than it says");
}

}  // namespace cloudsign::document
