#include "cloudsign/document/appearance_form.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "cloudsign/document/pdf_image.h"
#include "cloudsign/document/pdf_text.h"
#include "cloudsign/document/qpdf_error.h"

namespace cloudsign::document {
namespace {

constexpr double corner_margin = 20;  // points
constexpr double font_size_max = 144;
constexpr std::size_t lines_max = 64;
constexpr std::size_t line_size_max = 1024;

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

std::string decimal(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    return text;
}

struct ShapedText {
    std::vector<PdfText::Line> lines;
    double width = 0;  // points
    double height = 0;
};

Result<ShapedText> shape(PdfText& text, const PdfAppearance& appearance) {
    if (!(appearance.font_size > 0 && appearance.font_size <= font_size_max) ||
        appearance.lines.size() > lines_max) {
        return invalid("The text of the signature is too long or of no size.");
    }
    ShapedText shaped;
    for (const auto& line : appearance.lines) {
        if (line.size() > line_size_max) {
            return invalid("A line of the signature's text is too long.");
        }
        TRY_ASSIGN(auto made, text.shape(line));
        shaped.width = std::max(shaped.width, made.width * appearance.font_size);
        shaped.lines.push_back(std::move(made));
    }
    shaped.height = static_cast<double>(shaped.lines.size()) * leading * appearance.font_size;
    return shaped;
}

std::string text_content(const ShapedText& text, const PdfAppearance& appearance, double width) {
    const auto size = appearance.font_size;
    std::string content = "BT 0 g /F " + decimal(size) + " Tf\n";
    double base_line = appearance.below + text.height - ascent * size;
    for (const auto& line : text.lines) {
        const auto spare = width - line.width * size;
        const auto x = appearance.alignment == TextAlignment::left     ? 0
                       : appearance.alignment == TextAlignment::centre ? spare / 2
                                                                       : spare;
        content +=
            "1 0 0 1 " + decimal(x) + " " + decimal(base_line) + " Tm " + line.glyphs + " Tj\n";
        base_line -= leading * size;
    }
    return content + "ET\n";
}

std::string picture_content(const PdfImage& image, double width, double bottom, double height) {
    const auto scale = std::min(width / image.width, height / image.height);
    const auto w = image.width * scale;
    const auto h = image.height * scale;
    return "q " + decimal(w) + " 0 0 " + decimal(h) + " " + decimal((width - w) / 2) + " " +
           decimal(bottom + (height - h) / 2) + " cm /Im Do Q\n";
}

Result<std::array<double, 4>> rectangle_of(QPDFObjectHandle box) {
    std::array<double, 4> numbers{};
    if (!box.isInitialized() || !box.isArray() || box.getArrayNItems() != 4) {
        return damaged("a page has no size");
    }
    for (int i = 0; i < 4; ++i) {
        if (!box.getArrayItem(i).isNumber()) {
            return damaged("a page has no size");
        }
        numbers[static_cast<std::size_t>(i)] = box.getArrayItem(i).getNumericValue();
    }
    return std::array<double, 4>{std::min(numbers[0], numbers[2]),
                                 std::min(numbers[1], numbers[3]),
                                 std::max(numbers[0], numbers[2]),
                                 std::max(numbers[1], numbers[3])};
}

}  // namespace

std::string iso_time(std::int64_t time_ms) {
    constexpr std::int64_t vietnam_offset_s = 7 * 3600;
    const auto local = static_cast<std::time_t>(time_ms / 1000 + vietnam_offset_s);
    std::tm parts{};
    gmtime_r(&local, &parts);
    char text[40];
    const auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+07:00", &parts);
    return {text, size};
}

Result<ShownPage> shown_page(PdfPage& page) {
    TRY_ASSIGN(const auto media, rectangle_of(page.media_box));
    auto shown = media;
    if (page.crop_box.isInitialized() && page.crop_box.isArray()) {
        TRY_ASSIGN(const auto crop, rectangle_of(page.crop_box));
        shown = {std::max(media[0], crop[0]),
                 std::max(media[1], crop[1]),
                 std::min(media[2], crop[2]),
                 std::min(media[3], crop[3])};
    }
    if (shown[0] >= shown[2] || shown[1] >= shown[3] || page.rotation % 90 != 0) {
        return damaged("a page shows nothing");
    }
    return ShownPage{shown[0], shown[1], shown[2], shown[3], page.rotation};
}

Result<PdfBox> place(const PdfAppearance& appearance, const ShownPage& page) {
    PdfBox box;
    if (appearance.box) {
        box = *appearance.box;
    } else {
        PdfText text;
        TRY_ASSIGN(const auto shaped, shape(text, appearance));
        if (shaped.lines.empty()) {
            return invalid("A picture needs a place: say where on the page.");
        }
        box = {page.width() - corner_margin - shaped.width,
               page.height() - corner_margin - shaped.height,
               shaped.width,
               shaped.height};
    }
    if (!is_on(page, box)) {
        return invalid("The signature does not fit on the page, which shows " +
                       decimal(page.width()) + " x " + decimal(page.height()) + " points.");
    }
    return box;
}

Result<QPDFObjectHandle> write_appearance(PdfIncrement& increment,
                                          const PdfAppearance& appearance,
                                          const PdfBox& box,
                                          int rotation) {
    PdfText text;
    TRY_ASSIGN(const auto shaped, shape(text, appearance));
    constexpr double tolerance = 0.01;
    const auto left = box.height - shaped.height;
    if (shaped.width > box.width + tolerance || left < -tolerance ||
        (!appearance.picture.empty() && left <= 0)) {
        return invalid("The text of the signature needs " + decimal(shaped.width) + " x " +
                       decimal(shaped.height) + " points, and its box has " + decimal(box.width) +
                       " x " + decimal(box.height) + ".");
    }
    std::string content;
    auto resources = QPDFObjectHandle::newDictionary();
    if (!appearance.picture.empty()) {
        TRY_ASSIGN(const auto image, write_png(increment, appearance.picture));
        content += picture_content(image, box.width, shaped.height, left);
        resources.replaceKey("/XObject", QPDFObjectHandle::newDictionary({{"/Im", image.object}}));
    }
    if (!shaped.lines.empty()) {
        TRY_ASSIGN(const auto font, text.write_font(increment));
        content += text_content(shaped, appearance, box.width);
        resources.replaceKey("/Font", QPDFObjectHandle::newDictionary({{"/F", font}}));
    }
    auto form = QPDFObjectHandle::parse("<< /Type /XObject /Subtype /Form >>");
    form.replaceKey(
        "/BBox",
        QPDFObjectHandle::parse("[0 0 " + decimal(box.width) + " " + decimal(box.height) + "]"));
    auto matrix = QPDFObjectHandle::newArray();
    for (const int value : upright_matrix(rotation)) {
        matrix.appendItem(QPDFObjectHandle::newInteger(value));
    }
    matrix.appendItem(QPDFObjectHandle::newInteger(0));
    matrix.appendItem(QPDFObjectHandle::newInteger(0));
    form.replaceKey("/Matrix", matrix);
    form.replaceKey("/Resources", resources);
    return increment.add_stream(form, content);
}

}  // namespace cloudsign::document
