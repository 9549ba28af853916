#include "cloudsign/document/pdf_text_field.h"

#include <cstdio>

#include "cloudsign/document/appearance_form.h"
#include "cloudsign/document/composed.h"
#include "cloudsign/document/form_widgets.h"
#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/qpdf_error.h"
#include "hsm/protocol/utf8.h"

namespace cloudsign::document {
namespace {

constexpr std::size_t name_size_max = 64;
constexpr double font_size_min = 4;
constexpr double font_size_max = 72;

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

std::string decimal(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

Result<void> check(PdfForm& form, const TextPlace& place) {
    if (form.has_signatures()) {
        return invalid("The PDF is signed: a place is kept free before anybody signs.");
    }
    TRY(form.check_finished());
    const auto& name = place.name;
    const bool is_trimmed = !name.empty() && name.front() != ' ' && name.back() != ' ';
    if (!is_trimmed || name.size() > name_size_max ||
        name.find_first_of(".=/") != std::string::npos || !hsm::protocol::is_legible(name)) {
        return invalid(
            "A field's name has 1 to 64 bytes of letters and signs, without \".\", \"=\", \"/\" "
            "and "
            "blanks around it.");
    }
    if (form.is_taken(name)) {
        return invalid("The PDF has a field \"" + name + "\" already.");
    }
    if (!(place.font_size >= font_size_min && place.font_size <= font_size_max)) {
        return invalid("Text in a field is 4 to 72 points large.");
    }
    return {};
}

// Readers that type into a field want its font in the form.
void add_font(PdfIncrement& increment, QPDFObjectHandle acro_form) {
    auto resources = acro_form.getKey("/DR");
    if (!resources.isDictionary()) {
        acro_form.replaceKey("/DR", QPDFObjectHandle::newDictionary());
        resources = acro_form.getKey("/DR");
    }
    auto fonts = resources.getKey("/Font");
    if (!fonts.isDictionary()) {
        resources.replaceKey("/Font", QPDFObjectHandle::newDictionary());
        fonts = resources.getKey("/Font");
    }
    for (const auto* part : {&acro_form, &resources, &fonts}) {
        if (part->isIndirect()) {
            increment.touch(*part);
        }
    }
    if (!fonts.hasKey("/TiRo")) {
        fonts.replaceKey("/TiRo",
                         increment.add(QPDFObjectHandle::parse(
                             "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman "
                             "/Encoding /WinAnsiEncoding >>")));
    }
}

QPDFObjectHandle new_field(const TextPlace& place, PdfPage& page, const ShownPage& shown) {
    auto field = QPDFObjectHandle::parse("<< /Type /Annot /Subtype /Widget /FT /Tx /F 4 /Q 0 >>");
    field.replaceKey("/T", QPDFObjectHandle::newUnicodeString(place.name));
    field.replaceKey("/DA",
                     QPDFObjectHandle::newString("/TiRo " + decimal(place.font_size) + " Tf 0 g"));
    field.replaceKey("/Rect", rectangle(shown, place.box));
    field.replaceKey("/P", page.object);
    if (shown.rotation != 0) {
        field.replaceKey("/MK",
                         QPDFObjectHandle::newDictionary(
                             {{"/R", QPDFObjectHandle::newInteger(shown.rotation)}}));
    }
    return field;
}

}  // namespace

Result<std::string> reserve_text(hsm::ByteView pdf, const TextPlace& wanted) {
    auto place = wanted;
    place.name = composed(wanted.name);
    TRY_ASSIGN(auto file, PdfFile::open(pdf));
    TRY_ASSIGN(auto form, PdfForm::read(*file));
    TRY(check(form, place));
    return with_qpdf([&]() -> Result<std::string> {
        TRY_ASSIGN(auto page, file->page(place.page));
        TRY_ASSIGN(const auto shown, shown_page(page));
        if (!is_on(shown, place.box)) {
            return invalid("The field does not fit on the page, which shows " +
                           decimal(shown.width()) + " x " + decimal(shown.height()) + " points.");
        }
        if (place.box.height < leading * place.font_size) {
            return invalid("A line of " + decimal(place.font_size) + " points needs a field " +
                           decimal(leading * place.font_size) + " points high.");
        }
        if (place.box.width < place.font_size / 2) {
            return invalid("A field for text of " + decimal(place.font_size) +
                           " points is at least " + decimal(place.font_size / 2) + " points wide.");
        }
        PdfIncrement increment(*file);
        auto acro_form = acro_form_of(*file, increment);
        TRY(settle_appearances(form, increment, acro_form));
        add_font(increment, acro_form);
        add_widget(increment, acro_form, new_field(place, page, shown));
        auto written = increment.write();
        TRY(file->check_undamaged());
        if (pdf.size() + written.text.size() > pdf_size_max) {
            return invalid("The PDF is too large to be signed.");
        }
        return std::move(written.text);
    });
}

PdfBox box_after(const PdfBox& phrase, double width, double font_size) {
    constexpr double gap = 3;        // points
    constexpr double descent = 0.2;  // of a line's box, as pdftotext draws it around a font
    const auto base_line = phrase.y + descent * phrase.height;
    return {phrase.x + phrase.width + gap,
            base_line - (leading - ascent) * font_size,
            width,
            leading * font_size};
}

}  // namespace cloudsign::document
