#include "cloudsign/document/pdf_sections.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <qpdf/Buffer.hh>
#include <qpdf/BufferInputSource.hh>
#include <qpdf/Pl_Flate.hh>
#include <qpdf/QPDF.hh>

#include "cloudsign/document/bounded_sink.h"
#include "cloudsign/document/qpdf_error.h"

namespace cloudsign::document {
namespace {

using hsm::ByteView;

constexpr std::size_t startxref_window = 1024;  // ISO 32000-1 annex H.3, note 18
constexpr std::size_t sections_max = 20'000;
constexpr std::size_t unpacked_max = 64 * 1024 * 1024;

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

std::optional<std::size_t> number_at(std::string_view text, std::size_t at) {
    while (at < text.size() && is_space(text[at])) {
        ++at;
    }
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
    return error == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<std::size_t> last_section(std::string_view text) {
    const auto window = std::min(text.size(), startxref_window);
    const auto found = text.substr(text.size() - window).rfind("startxref");
    return found == std::string_view::npos ? std::nullopt
                                           : number_at(text, text.size() - window + found + 9);
}

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
        while (offset < text_.size() && is_space(text_[offset])) {
            ++offset;
        }
        XrefSection section{offset, XrefKind::table, false};
        const bool is_table = text_.substr(std::min(offset, text_.size())).starts_with("xref");
        const auto keyword = is_table ? std::string_view("trailer") : std::string_view("obj");
        const auto found = text_.find(keyword, offset);
        const bool is_near = is_table || found < offset + 32;
        if (found == std::string_view::npos || !is_near) {
            return damaged("there is no cross-reference section where one is named");
        }
        auto dictionary = parse(found + keyword.size());
        if (!dictionary.isDictionary()) {
            return damaged("a cross-reference section has no dictionary");
        }
        if (is_table) {
            section.is_hybrid = dictionary.hasKey("/XRefStm");
        } else {
            section.kind = XrefKind::stream;
            TRY(check_stream(dictionary));
        }
        previous_ = dictionary.getKey("/Prev");
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
    QPDFObjectHandle parse(std::size_t offset) {
        QPDFTokenizer tokenizer;
        bool is_empty = false;
        input_.seek(static_cast<qpdf_offset_t>(offset), SEEK_SET);
        return QPDFObjectHandle::parse(std::shared_ptr<InputSource>(&input_, [](InputSource*) {}),
                                       "trailer",
                                       tokenizer,
                                       is_empty,
                                       nullptr,
                                       &scratch_);
    }

    // QPDF unpacks these before it can be asked how large they are.
    Result<void> check_stream(QPDFObjectHandle dictionary) {
        if (!dictionary.getKey("/Type").isNameAndEquals("/XRef")) {
            return damaged("there is no cross-reference stream where one is named");
        }
        auto length = dictionary.getKey("/Length");
        const auto begin = text_.find("stream", static_cast<std::size_t>(input_.tell()));
        if (!length.isInteger() || length.getIntValue() < 0 || begin == std::string_view::npos) {
            return damaged("a cross-reference stream has no length");
        }
        if (!dictionary.getKey("/Filter").isOrHasName("/FlateDecode")) {
            return {};
        }
        auto at = begin + 6;
        while (at < text_.size() && (text_[at] == '\r' || text_[at] == '\n')) {
            ++at;
        }
        const auto packed = text_.substr(at, static_cast<std::size_t>(length.getIntValue()));
        BoundedSink sink(unpacked_max);
        Pl_Flate inflate("xref", &sink, Pl_Flate::a_inflate);
        inflate.writeString(std::string(packed));
        inflate.finish();
        return {};
    }

    std::string_view text_;
    Buffer buffer_;
    BufferInputSource input_;
    QPDF scratch_;
    QPDFObjectHandle previous_;
};

}  // namespace

Result<std::vector<XrefSection>> read_sections(ByteView pdf) {
    return with_qpdf([&]() -> Result<std::vector<XrefSection>> {
        auto at = last_section(hsm::text_of(pdf));
        if (!at) {
            return damaged("it has no end (startxref)");
        }
        SectionReader reader(pdf);
        std::vector<XrefSection> sections;
        for (; at; at = reader.previous()) {
            const bool is_known = std::ranges::any_of(
                sections, [&](const XrefSection& known) { return known.offset == *at; });
            if (is_known || sections.size() == sections_max) {
                return damaged("its cross-reference sections go in a circle");
            }
            TRY_ASSIGN(auto section, reader.read(*at));
            sections.push_back(section);
        }
        return sections;
    });
}

}  // namespace cloudsign::document
