#include "cloudsign/document/pdf_sections.h"

#include <algorithm>
#include <charconv>
#include <qpdf/Buffer.hh>
#include <qpdf/BufferInputSource.hh>
#include <qpdf/QPDF.hh>
#include <set>

#include "cloudsign/document/qpdf_error.h"
#include "cloudsign/document/unpack.h"

namespace cloudsign::document {
namespace {

using hsm::ByteView;

constexpr std::size_t startxref_window = 1024;  // ISO 32000-1 annex H.3, note 18
constexpr std::size_t sections_max = 20'000;
constexpr std::size_t unpacked_max = 64 * 1024 * 1024;
constexpr std::string_view start_word = "startxref";
constexpr std::string_view end_mark = "%%EOF";

class SectionReader {
public:
    explicit SectionReader(ByteView pdf)
        : text_(hsm::text_of(pdf)),
          // QPDF's Buffer takes no const; nothing here writes.
          buffer_(const_cast<unsigned char*>(pdf.data()), pdf.size()),
          input_("pdf", &buffer_) {
        scratch_.setSuppressWarnings(true);
        scratch_.emptyPDF();
    }

    Result<XrefSection> read(std::size_t offset) {
        XrefSection section;
        section.offset = behind_spaces(text_, offset);
        const bool is_table =
            text_.substr(std::min(section.offset, text_.size())).starts_with("xref");
        TRY(is_table ? read_table(section) : read_stream(section));
        // Of two keys alike some readers take the first.
        if (scratch_.anyWarnings()) {
            return damaged("the dictionary of a cross-reference section is malformed");
        }
        if (previous_.isIndirect() || (!previous_.isNull() && !previous())) {
            return damaged("a cross-reference section does not say which one is before it");
        }
        rows_ += section.rows.size();
        if (rows_ > xref_rows_max) {
            return too_many_rows();
        }
        return section;
    }

    // Of the section read last; none at the end of the chain.
    std::optional<std::size_t> previous() {
        if (!previous_.isInteger() || previous_.getIntValue() < 0) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(previous_.getIntValue());
    }

private:
    // Answers it and moves `at` behind it.
    QPDFObjectHandle parse(std::size_t& at) {
        QPDFTokenizer tokenizer;
        bool is_empty = false;
        input_.seek(static_cast<qpdf_offset_t>(at), SEEK_SET);
        auto value =
            QPDFObjectHandle::parse(std::shared_ptr<InputSource>(&input_, [](InputSource*) {}),
                                    "trailer",
                                    tokenizer,
                                    is_empty,
                                    nullptr,
                                    &scratch_);
        at = static_cast<std::size_t>(input_.tell());
        return value;
    }

    Result<void> read_table(XrefSection& section) {
        constexpr std::size_t xref_size = 4;
        constexpr std::size_t trailer_size = 7;
        TRY_ASSIGN(auto at, read_table_rows(text_, section.offset + xref_size, section.rows));
        at += trailer_size;
        auto dictionary = parse(at);
        if (!dictionary.isDictionary()) {
            return damaged("a cross-reference section has no dictionary");
        }
        section.end = at;
        section.is_hybrid = dictionary.hasKey("/XRefStm");
        previous_ = dictionary.getKey("/Prev");
        if (section.is_hybrid) {
            return check_beside(dictionary.getKey("/XRefStm"));
        }
        return {};
    }

    // Nobody here follows the stream of a hybrid file, but QPDF unpacks it.
    Result<void> check_beside(QPDFObjectHandle place) {
        if (!place.isInteger() || place.isIndirect() || place.getIntValue() < 0) {
            return damaged("a cross-reference section names no place for the one beside it");
        }
        const auto previous = previous_;
        XrefSection beside;
        beside.offset = behind_spaces(text_, static_cast<std::size_t>(place.getIntValue()));
        TRY(read_stream(beside));
        rows_ += beside.rows.size();
        previous_ = previous;
        return {};
    }

    // QPDF unpacks these before it can be asked how large they are.
    Result<void> read_stream(XrefSection& section) {
        section.kind = XrefKind::stream;
        const auto head = object_head(text_, section.offset);
        auto at = head.end;
        auto dictionary = head.number < 0 ? QPDFObjectHandle::newNull() : parse(at);
        if (!dictionary.isDictionary() || !dictionary.getKey("/Type").isNameAndEquals("/XRef")) {
            return damaged("there is no cross-reference section where one is named");
        }
        for (const auto* key : {"/Length", "/Filter", "/DecodeParms", "/Size", "/Index", "/W"}) {
            if (dictionary.getKey(key).isIndirect()) {
                return damaged("a cross-reference stream refers to an object for what it is");
            }
        }
        TRY_ASSIGN(const auto packed, stream_behind(at, dictionary.getKey("/Length")));
        section.end = static_cast<std::size_t>(packed.data() + packed.size() - text_.data());
        section.end = behind_spaces(text_, section.end);
        if (!text_.substr(section.end).starts_with("endstream")) {
            return damaged("a cross-reference stream has another length than it says");
        }
        section.end += std::string_view("endstream").size();
        previous_ = dictionary.getKey("/Prev");
        auto stream = QPDFObjectHandle::newStream(&scratch_, std::string(packed));
        stream.replaceDict(dictionary);
        auto left = unpacked_max;
        TRY_ASSIGN(const auto unpacked, unpack(stream, left));
        return read_stream_rows(dictionary, unpacked, section.rows);
    }

    Result<std::string_view> stream_behind(std::size_t at, QPDFObjectHandle length) {
        constexpr std::string_view word = "stream";
        at = behind_spaces(text_, at);
        if (!length.isInteger() || length.getIntValue() < 0 ||
            !text_.substr(std::min(at, text_.size())).starts_with(word)) {
            return damaged("a cross-reference stream has no length");
        }
        at += word.size();
        at += text_.substr(at).starts_with("\r\n") ? 2 : 1;
        const auto size = static_cast<std::size_t>(length.getIntValue());
        if (at > text_.size() || size > text_.size() - at) {
            return damaged("a cross-reference stream is longer than the file");
        }
        return text_.substr(at, size);
    }

    std::string_view text_;
    Buffer buffer_;
    BufferInputSource input_;
    QPDF scratch_;
    QPDFObjectHandle previous_;
    std::size_t rows_ = 0;
};

}  // namespace

std::optional<PdfEnd> end_of_pdf(ByteView pdf) {
    const auto text = hsm::text_of(pdf);
    const auto window = std::min(text.size(), startxref_window);
    const auto start = text.rfind(start_word);
    if (start == std::string_view::npos || start + window < text.size() || start == 0 ||
        !is_pdf_space(text[start - 1])) {
        return std::nullopt;
    }
    const auto at = behind_spaces(text, start + start_word.size());
    PdfEnd found;
    const auto [end, error] =
        std::from_chars(text.data() + at, text.data() + text.size(), found.section);
    found.end = behind_spaces(text, static_cast<std::size_t>(end - text.data()));
    if (error != std::errc() || !text.substr(found.end).starts_with(end_mark)) {
        return std::nullopt;
    }
    found.end += end_mark.size();
    return found;
}

Result<std::vector<XrefSection>> read_sections(ByteView pdf) {
    return with_qpdf([&]() -> Result<std::vector<XrefSection>> {
        const auto end = end_of_pdf(pdf);
        if (!end) {
            return damaged("it has no end (startxref)");
        }
        SectionReader reader(pdf);
        std::vector<XrefSection> sections;
        std::set<std::size_t> known;
        for (std::optional<std::size_t> at = end->section; at; at = reader.previous()) {
            if (!known.insert(*at).second || sections.size() == sections_max) {
                return damaged("its cross-reference sections go in a circle");
            }
            TRY_ASSIGN(auto section, reader.read(*at));
            sections.push_back(std::move(section));
        }
        return sections;
    });
}

}  // namespace cloudsign::document
