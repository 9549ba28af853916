#include "cloudsign/document/pdf_field_texts.h"

#include <algorithm>
#include <charconv>
#include <qpdf/QPDFFormFieldObjectHelper.hh>
#include <sstream>

#include "cloudsign/document/appearance_content.h"
#include "cloudsign/document/appearance_form.h"
#include "cloudsign/document/composed.h"
#include "cloudsign/document/form_widgets.h"
#include "cloudsign/document/pdf_text.h"
#include "cloudsign/document/qpdf_error.h"
#include "hsm/protocol/utf8.h"

namespace cloudsign::document {
namespace {

constexpr double font_size_min = 4;
constexpr double font_size_max = 14;  // where the field leaves it open
constexpr double size_written_max = 144;
constexpr std::size_t named_max = 10;  // in a complaint
constexpr int widgets_max = 100;

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

// Password, file select, comb and rich text (ISO 32000-2 table 231).
bool shows_plain_text(QPDFFormFieldObjectHelper& field) {
    constexpr int others = 1 << 13 | 1 << 20 | 1 << 24 | 1 << 25;
    return (field.getFlags() & others) == 0;
}

// Software that looks for a signature by its letters would take it for one, the signer's phone too.
bool looks_like_a_signature(std::string_view text) {
    return text.find("/ByteRange") != std::string_view::npos;
}

bool is_empty(PdfField& field) {
    return field.value.isNull() || (field.value.isString() && field.value.getStringValue().empty());
}

std::string not_there(PdfForm& form, const std::string& name) {
    std::string empty;
    std::size_t count = 0;
    for (auto& field : form.fields()) {
        if (QPDFFormFieldObjectHelper(field.object).isText() && is_empty(field) &&
            ++count <= named_max) {
            empty += (empty.empty() ? "\"" : ", \"") + field.name + "\"";
        }
    }
    auto words = "The PDF has no text field \"" + name + "\"";
    return words + (count == 0          ? ", and no other that is empty."
                    : count > named_max ? "; empty ones are " + empty + " …"
                                        : "; empty ones are " + empty + ".");
}

// By its name, however either was composed.
Result<PdfField*> find_text_field(PdfForm& form, const std::string& name) {
    const auto wanted = composed(name);
    PdfField* found = nullptr;
    for (auto& field : form.fields()) {
        if (composed(field.name) != wanted || !QPDFFormFieldObjectHelper(field.object).isText()) {
            continue;
        }
        if (found != nullptr) {
            return invalid("The PDF has several fields \"" + name +
                           "\" that are not one: none of them is filled in.");
        }
        found = &field;
    }
    if (found == nullptr) {
        return Error{ErrorKind::not_found, not_there(form, name)};
    }
    return found;
}

Result<PdfField*> find_empty(PdfForm& form, const std::string& name) {
    TRY_ASSIGN(auto* field, find_text_field(form, name));
    if (!field->object.isIndirect()) {
        return damaged("the field \"" + name + "\" is no object of its own");
    }
    if (!is_empty(*field)) {
        return invalid("The field \"" + name + "\" is filled in already.");
    }
    if (form.is_locked(field->name)) {
        return invalid("An earlier signature has locked the field \"" + name + "\".");
    }
    return field;
}

Result<void> check_text(QPDFFormFieldObjectHelper& field,
                        const std::string& name,
                        std::string_view text) {
    if (hsm::protocol::is_blank(text)) {
        return invalid("Nothing is given for the field \"" + name + "\".");
    }
    if (!hsm::protocol::is_legible(text)) {
        return invalid("The text for the field \"" + name +
                       "\" is no line that everybody reads alike: it has line ends, or characters "
                       "that are not seen.");
    }
    auto object = field.getObjectHandle();
    if (looks_like_a_signature(object.unparseResolved()) || looks_like_a_signature(text)) {
        return invalid("The field \"" + name +
                       "\" or its text has \"/ByteRange\" in it, as part of a signature has.");
    }
    if (!shows_plain_text(field)) {
        return invalid("The field \"" + name +
                       "\" is for a password, a file, single letters or rich text, and is not "
                       "filled in here.");
    }
    auto length_max = field.getInheritableFieldValue("/MaxLen");
    long long length = 0;
    for (auto rest = text; !rest.empty(); ++length) {
        hsm::protocol::take_character(rest);
    }
    if (length_max.isInteger() && length_max.getIntValue() >= 0 &&
        length > length_max.getIntValue()) {
        return invalid("The field \"" + name + "\" takes " +
                       std::to_string(length_max.getIntValue()) + " letters.");
    }
    return {};
}

// The operand of Tf in a field's /DA (§12.7.4.3); 0: none, as large as fits.
double size_in(const std::string& appearance) {
    std::istringstream words(appearance);
    std::string before;
    for (std::string word; words >> word; before = word) {
        double size = 0;
        const auto* end = before.data() + before.size();
        if (word == "Tf" && std::from_chars(before.data(), end, size).ptr == end && size > 0) {
            return size;
        }
    }
    return 0;
}

// One line, as large as the field says or as its box takes, in the middle of its height.
Result<PdfAppearance> line_in(QPDFFormFieldObjectHelper& field,
                              const std::string& name,
                              const std::string& text,
                              const PdfBox& box) {
    PdfText font;
    TRY_ASSIGN(const auto line, font.shape(text));
    const auto wanted = size_in(field.getDefaultAppearance());
    const auto size = std::min({wanted > 0 ? std::min(wanted, size_written_max) : font_size_max,
                                box.height / leading,
                                line.width > 0 ? box.width / line.width : font_size_max});
    if (size < font_size_min) {
        return invalid("The field \"" + name + "\" is too small for its text of " +
                       std::to_string(text.size()) + " bytes.");
    }
    PdfAppearance appearance;
    appearance.lines = {text};
    appearance.font_size = size;
    appearance.below = (box.height - leading * size) / 2;
    constexpr TextAlignment alignments[] = {
        TextAlignment::left, TextAlignment::centre, TextAlignment::right};
    appearance.alignment = alignments[std::clamp(field.getQuadding(), 0, 2)];
    return appearance;
}

// The field itself, or the several places where it is shown.
Result<std::vector<QPDFObjectHandle>> widgets_of(PdfField& field) {
    auto kids = field.object.getKey("/Kids");
    if (!kids.isArray() || kids.getArrayNItems() == 0) {
        return std::vector{field.object};
    }
    if (kids.getArrayNItems() > widgets_max) {
        return invalid("The field \"" + field.name + "\" is shown in too many places.");
    }
    return kids.getArrayAsVector();
}

// Where the reader sees what is put there.
Result<WidgetPlace> seen_place(const std::string& name, QPDFObjectHandle widget) {
    constexpr long long unseen = 1 << 1 | 1 << 5;  // Hidden, NoView (ISO 32000-2 table 167)
    TRY_ASSIGN(const auto place, place_of_widget(name, widget));
    auto flags = widget.getKey("/F");
    auto annotations = widget.getKey("/P").getKey("/Annots");
    bool is_on_page = false;
    for (int i = 0; annotations.isArray() && i < annotations.getArrayNItems() && !is_on_page; ++i) {
        is_on_page = annotations.getArrayItem(i).getObjGen() == widget.getObjGen();
    }
    if ((flags.isInteger() && (flags.getIntValue() & unseen) != 0) || !is_on_page ||
        !is_on(place.page, place.box)) {
        return invalid("The field \"" + name + "\" is not shown on its page.");
    }
    if (paints_content(widget)) {
        return invalid("The field \"" + name +
                       "\" has no value and shows something all the same: it is not filled in.");
    }
    return place;
}

Result<void> fill_in(PdfForm& form,
                     PdfIncrement& increment,
                     const std::string& name,
                     const std::string& text) {
    TRY_ASSIGN(auto* field, find_empty(form, name));
    QPDFFormFieldObjectHelper helper(field->object);
    TRY(check_text(helper, name, text));
    field->object.replaceKey("/V", QPDFObjectHandle::newUnicodeString(text));
    increment.touch(field->object);
    TRY_ASSIGN(auto widgets, widgets_of(*field));
    for (auto& widget : widgets) {
        TRY_ASSIGN(const auto place, seen_place(name, widget));
        TRY_ASSIGN(const auto line, line_in(helper, name, text, place.box));
        TRY_ASSIGN(const auto shown,
                   write_appearance(increment, line, place.box, place.page.rotation));
        widget.replaceKey("/AP", QPDFObjectHandle::newDictionary({{"/N", shown}}));
        increment.touch(widget);
    }
    return {};
}

}  // namespace

Result<FieldTexts> by_names_of_form(PdfForm& form, const FieldTexts& texts) {
    FieldTexts named;
    for (const auto& [name, text] : texts) {
        TRY_ASSIGN(const auto* field, find_text_field(form, name));
        if (!named.emplace(field->name, text).second) {
            return invalid("The field \"" + name + "\" is named twice.");
        }
    }
    return named;
}

Result<void> fill_in_texts(PdfFile& file,
                           PdfForm& form,
                           PdfIncrement& increment,
                           const FieldTexts& texts) {
    if (texts.empty()) {
        return {};
    }
    TRY(settle_appearances(form, increment, acro_form_of(file, increment)));
    for (const auto& [name, text] : texts) {
        TRY(fill_in(form, increment, name, text));
    }
    return {};
}

QPDFObjectHandle lock_on(const FieldTexts& texts, QPDFObjectHandle root) {
    auto names = QPDFObjectHandle::newArray();
    for (const auto& [name, text] : texts) {
        names.appendItem(QPDFObjectHandle::newUnicodeString(name));
    }
    auto reference = QPDFObjectHandle::parse(
        "<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << /Type /TransformParams "
        "/Action /Include /V /1.2 >> >>");
    reference.getKey("/TransformParams").replaceKey("/Fields", names);
    reference.replaceKey("/Data", root);
    return reference;
}

}  // namespace cloudsign::document
