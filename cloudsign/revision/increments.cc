#include "cloudsign/revision/increments.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace cloudsign::revision {
namespace {

using document::behind_spaces;
using document::PdfFile;
using document::XrefKind;
using document::XrefRow;
using document::XrefSection;

constexpr auto nowhere = std::string_view::npos;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error("what was added is no plain update: " + what);
}

// Behind white space and comments.
std::size_t behind_gap(std::string_view text, std::size_t at) {
    at = behind_spaces(text, at);
    while (at < text.size() && text[at] == '%' && !text.substr(at).starts_with("%%EOF")) {
        at = behind_spaces(text, std::min(text.find_first_of("\r\n", at), text.size()));
    }
    return at;
}

// Behind `word`, which must stand at `at` or after white space.
std::size_t behind_word(std::string_view text, std::size_t at, std::string_view word) {
    at = behind_spaces(text, std::min(at, text.size()));
    if (!text.substr(at).starts_with(word)) {
        fail("\"" + std::string(word) + "\" is missing");
    }
    return at + word.size();
}

class Increments {
public:
    Increments(PdfFile& before, PdfFile& after)
        : before_(before),
          after_(after),
          text_(hsm::text_of(after.bytes())),
          table_(after.pdf().getXRefTable()) {}

    void run() const {
        const auto& then = before_.sections();
        const auto& now = after_.sections();
        const bool goes_on =
            now.size() >= then.size() &&
            std::equal(then.rbegin(), then.rend(), now.rbegin(), [](const auto& a, const auto& b) {
                return a.offset == b.offset;
            });
        if (!goes_on) {
            fail("it leaves out what was there");
        }
        auto at = before_.bytes().size();
        for (auto i = now.size() - then.size(); i-- > 0;) {
            at = check(now[i], at);
        }
        if (behind_gap(text_, at) != text_.size()) {
            fail("there are bytes that no section names");
        }
    }

private:
    // Answers where the next one begins.
    std::size_t check(const XrefSection& section, std::size_t begin) const {
        auto at = begin;
        for (const auto& row : rows_written(section, begin)) {
            expect_gap(at, row.offset);
            at = end_of(row, section.offset);
        }
        expect_gap(at, section.offset);
        at = section.end;
        if (section.kind == XrefKind::stream) {
            at = behind_word(text_, at, "endobj");
        }
        at = behind_word(text_, behind_gap(text_, at), "startxref");
        at = behind_spaces(text_, at);
        std::size_t start = 0;
        const auto [end, error] =
            std::from_chars(text_.data() + at, text_.data() + text_.size(), start);
        if (error != std::errc() || start != section.offset) {
            fail("it names another section");
        }
        return behind_word(text_, static_cast<std::size_t>(end - text_.data()), "%%EOF");
    }

    // In the order in which they lie. A row may also say again where an old object is.
    std::vector<XrefRow> rows_written(const XrefSection& section, std::size_t begin) const {
        std::vector<XrefRow> rows;
        for (const auto& row : section.rows) {
            const bool is_own = section.kind == XrefKind::stream && row.offset == section.offset;
            if (row.kind != XrefRow::Kind::plain || row.offset < begin || is_own) {
                continue;
            }
            if (row.offset > section.offset) {
                fail("an object lies behind the section that names it");
            }
            rows.push_back(row);
        }
        std::ranges::sort(rows, {}, &XrefRow::offset);
        return rows;
    }

    void expect_gap(std::size_t from, std::size_t to) const {
        if (from > to || behind_gap(text_.substr(0, to), from) != to) {
            fail("there are bytes that no section names");
        }
    }

    // One past its "endobj".
    std::size_t end_of(const XrefRow& row, std::size_t limit) const {
        const auto text = text_.substr(0, limit);
        const QPDFObjGen id(row.number, row.generation);
        const auto entry = table_.find(id);
        const bool is_read = entry != table_.end() && entry->second.getType() == 1 &&
                             static_cast<std::size_t>(entry->second.getOffset()) == row.offset;
        auto at = row.offset;
        if (is_read) {
            auto object = after_.pdf().getObject(id);
            auto length = object.isStream() ? object.getDict().getKey("/Length")
                                            : QPDFObjectHandle::newNull();
            if (object.isStream()) {
                if (!length.isInteger() || length.getIntValue() < 0 ||
                    object.getParsedOffset() < static_cast<qpdf_offset_t>(row.offset)) {
                    fail("a stream has no length");
                }
                at = behind_word(text,
                                 static_cast<std::size_t>(object.getParsedOffset()) +
                                     static_cast<std::size_t>(length.getIntValue()),
                                 "endstream");
                return behind_word(text, at, "endobj");
            }
        }
        // What a later update has replaced is not looked into.
        at = text.find("endobj", at);
        if (at == nowhere) {
            fail("an object has no end");
        }
        return at + std::string_view("endobj").size();
    }

    PdfFile& before_;
    PdfFile& after_;
    const std::string_view text_;
    const std::map<QPDFObjGen, QPDFXRefEntry> table_;
};

}  // namespace

void check_increments(PdfFile& before, PdfFile& after) {
    Increments(before, after).run();
}

}  // namespace cloudsign::revision
