#include "cloudsign/verify/report_pdf.h"

#include <cstdio>

#include "cloudsign/document/composed.h"
#include "cloudsign/document/deflate.h"
#include "cloudsign/document/pdf_increment.h"
#include "cloudsign/document/pdf_text.h"
#include "cloudsign/document/qpdf_error.h"
#include "cloudsign/hex.h"
#include "cloudsign/verify/report_lines.h"

namespace cloudsign::verify {
namespace {

using document::PdfFile;
using document::PdfIncrement;
using document::PdfText;

// What the pages are put behind: QPDF writes no new file in the house's own way.
constexpr std::string_view blank =
    "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    "1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Lang (vi) >>\nendobj\n"
    "2 0 obj\n<< /Type /Pages /Kids [ ] /Count 0 /MediaBox [0 0 595 842] >>\nendobj\n"
    "xref\n0 3\n0000000000 65535 f \n0000000015 00000 n \n0000000075 00000 n \n"
    "trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n152\n%%EOF\n";

constexpr double left = 56;
constexpr double top = 786;
constexpr double bottom = 64;
constexpr double page_width = 595;
constexpr double label_width = 170;
constexpr std::string_view black = "0 0 0 rg";
constexpr std::size_t lines_max = 20'000;

struct Look {
    double size;
    double above;  // room over the line
    double leading;
};

Look look_of(LineStyle style) {
    switch (style) {
        case LineStyle::title:
            return {16, 0, 22};
        case LineStyle::verdict:
            return {14, 8, 20};
        case LineStyle::heading:
            return {11, 10, 15};
        case LineStyle::row:
        case LineStyle::note:
            break;
    }
    return {9.5, 2, 12.5};
}

// Darker than on a screen: it is printed, maybe without colours.
std::string_view colour_of(const ReportLine& line) {
    if (!line.verdict || line.is_noted) {
        return black;
    }
    constexpr std::string_view colours[] = {"0 0.4 0.15 rg", "0.6 0.35 0 rg", "0.7 0 0 rg"};
    return colours[static_cast<std::size_t>(*line.verdict)];
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

std::size_t size_of_character(std::string_view text, std::size_t at) {
    std::size_t size = 1;
    while (at + size < text.size() &&
           (static_cast<unsigned char>(text[at + size]) & 0xc0) == 0x80) {
        ++size;
    }
    return size;
}

class ReportPages {
public:
    explicit ReportPages(PdfFile& file) : file_(file), increment_(file) {}

    Result<void> add(const ReportLine& line) {
        const auto look = look_of(line.style);
        if (y_ - look.above - look.leading < bottom) {
            turn_page();
        }
        y_ -= look.above;
        const bool is_split =
            !line.label.empty() && !line.text.empty() && line.style != LineStyle::heading;
        if (!is_split) {
            const auto text =
                line.label + (line.label.empty() || line.text.empty() ? "" : ": ") + line.text;
            return put_column(text, left, page_width - 2 * left, look, colour_of(line), y_);
        }
        // Two columns side by side, each as long as it needs.
        const auto begin = y_;
        const auto page = pages_.size();
        TRY(put_column(line.label, left, label_width - 8, look, black, begin));
        const auto after_label = y_;
        if (pages_.size() != page) {
            return put_column(line.text,
                              left + label_width,
                              page_width - 2 * left - label_width,
                              look,
                              colour_of(line),
                              y_);
        }
        TRY(put_column(line.text,
                       left + label_width,
                       page_width - 2 * left - label_width,
                       look,
                       colour_of(line),
                       begin));
        if (pages_.size() == page) {
            y_ = std::min(y_, after_label);
        }
        return {};
    }

    Result<std::string> finish(const std::string& footer) {
        turn_page();
        auto pages = file_.root().getKey("/Pages");
        std::vector<std::string> contents = std::move(pages_);
        for (std::size_t i = 0; i < contents.size(); ++i) {
            TRY_ASSIGN(const auto line,
                       shape(footer + "   " + std::to_string(i + 1) + "/" +
                             std::to_string(contents.size())));
            contents[i] += text_at(line, left, 36, 8, "0.3 0.3 0.3 rg");
        }
        TRY_ASSIGN(auto font, font_.write_font(increment_));
        auto kids = QPDFObjectHandle::newArray();
        for (const auto& content : contents) {
            auto page = QPDFObjectHandle::parse("<< /Type /Page >>");
            page.replaceKey("/Parent", pages);
            page.replaceKey(
                "/Contents",
                increment_.add_stream(QPDFObjectHandle::parse("<< /Filter /FlateDecode >>"),
                                      document::deflate(content)));
            auto fonts = QPDFObjectHandle::newDictionary({{"/F", font}});
            page.replaceKey("/Resources", QPDFObjectHandle::newDictionary({{"/Font", fonts}}));
            kids.appendItem(increment_.add(page));
        }
        pages.replaceKey("/Count",
                         QPDFObjectHandle::newInteger(static_cast<long long>(contents.size())));
        pages.replaceKey("/Kids", kids);
        increment_.touch(pages);
        return increment_.write().text;
    }

private:
    void turn_page() {
        if (!content_.empty()) {
            pages_.push_back(std::move(content_));
            content_.clear();
        }
        y_ = top;
    }

    // A line whose missing characters became "?".
    Result<PdfText::Line> shape(const std::string& text) {
        auto line = font_.shape(text);
        if (line) {
            return line;
        }
        std::string known;
        for (std::size_t at = 0; at < text.size();) {
            const auto size = size_of_character(text, at);
            const auto one = text.substr(at, size);
            const bool is_control = static_cast<unsigned char>(one.front()) < 0x20;
            known += !is_control && font_.shape(one) ? one : "?";
            at += size;
        }
        return font_.shape(known);
    }

    static std::string text_at(
        const PdfText::Line& line, double x, double y, double size, std::string_view colour) {
        return std::string(colour) + " BT /F " + number(size) + " Tf " + number(x) + " " +
               number(y) + " Td " + line.glyphs + " Tj ET\n";
    }

    Result<void> put_column(const std::string& text,
                            double x,
                            double width,
                            const Look& look,
                            std::string_view colour,
                            double from) {
        y_ = from;
        TRY_ASSIGN(const auto rows, wrapped(text, width / look.size));
        for (const auto& row : rows) {
            if (y_ - look.leading < bottom) {
                turn_page();
            }
            y_ -= look.leading;
            TRY_ASSIGN(const auto line, shape(row));
            content_ += text_at(line, x, y_, look.size, colour);
        }
        return {};
    }

    // In rows of at most `width`, in units of the font size.
    Result<std::vector<std::string>> wrapped(const std::string& text, double width) {
        std::vector<std::string> rows;
        std::string row;
        double used = 0;
        TRY_ASSIGN(const auto space, shape(" "));
        std::string_view rest = text;
        while (!rest.empty()) {
            const auto end = std::min(rest.find(' '), rest.size());
            auto word = std::string(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            TRY_ASSIGN(auto line, shape(word));
            if (!row.empty() && used + space.width + line.width > width) {
                rows.push_back(std::move(row));
                row.clear();
                used = 0;
            }
            while (line.width > width && word.size() > 1) {
                TRY_ASSIGN(const auto part, head_of(word, width));
                rows.push_back(word.substr(0, part));
                word.erase(0, part);
                TRY_ASSIGN(line, shape(word));
            }
            used += (row.empty() ? 0 : space.width) + line.width;
            row += (row.empty() ? "" : " ") + word;
        }
        rows.push_back(std::move(row));
        return rows;
    }

    // How many bytes of a word too long for one row fill it.
    Result<std::size_t> head_of(const std::string& word, double width) {
        std::size_t end = 0;
        double used = 0;
        while (end < word.size()) {
            const auto size = size_of_character(word, end);
            TRY_ASSIGN(const auto one, shape(word.substr(end, size)));
            if (end > 0 && used + one.width > width) {
                break;
            }
            used += one.width;
            end += size;
        }
        return end;
    }

    PdfFile& file_;
    PdfIncrement increment_;
    PdfText font_;
    std::vector<std::string> pages_;
    std::string content_;
    double y_ = top;
};

}  // namespace

Result<std::string> to_pdf(const Report& report, Language language) {
    return document::with_qpdf([&]() -> Result<std::string> {
        TRY_ASSIGN(const auto file, PdfFile::open(hsm::view_of(blank)));
        ReportPages pages(*file);
        std::size_t count = 0;
        for (auto line : lines_of(report, language)) {
            if (++count > lines_max) {
                break;
            }
            line.label = document::composed(line.label);
            line.text = document::composed(line.text);
            TRY(pages.add(line));
        }
        TRY_ASSIGN(const auto written, pages.finish("Kyso   SHA-256 " + hex(report.hash)));
        return std::string(blank) + written;
    });
}

}  // namespace cloudsign::verify
