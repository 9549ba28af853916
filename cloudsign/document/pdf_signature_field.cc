#include "cloudsign/document/pdf_signature_field.h"

#include "cloudsign/document/appearance_form.h"
#include "cloudsign/document/form_widgets.h"
#include "cloudsign/document/qpdf_error.h"

namespace cloudsign::document {
namespace {

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

Result<PdfField*> find_empty(PdfForm& form, const std::string& name) {
    auto* field = form.find(name);
    if (field == nullptr || !field->is_signature) {
        return Error{ErrorKind::not_found, "The PDF has no signature field \"" + name + "\"."};
    }
    if (field->is_signed()) {
        return invalid("The signature field \"" + name + "\" is signed already.");
    }
    if (form.is_locked(name)) {
        return invalid("An earlier signature has locked the field \"" + name + "\".");
    }
    if (!field->object.isIndirect()) {
        return damaged("the field \"" + name + "\" is no object of its own");
    }
    return field;
}

void set_signature_flags(PdfIncrement& increment, QPDFObjectHandle form) {
    constexpr long long exists_and_append_only = 3;
    auto flags = form.getKey("/SigFlags");
    const auto old = flags.isInteger() ? flags.getIntValue() : 0;
    if ((old & exists_and_append_only) != exists_and_append_only) {
        form.replaceKey("/SigFlags", QPDFObjectHandle::newInteger(old | exists_and_append_only));
        increment.touch(form);
    }
}

Result<void> show(PdfIncrement& increment,
                  QPDFObjectHandle widget,
                  const PdfAppearance& appearance,
                  const PdfBox& box,
                  const ShownPage& page) {
    TRY_ASSIGN(const auto form, write_appearance(increment, appearance, box, page.rotation));
    widget.replaceKey("/AP", QPDFObjectHandle::newDictionary({{"/N", form}}));
    widget.replaceKey("/Rect", rectangle(page, box));
    if (page.rotation != 0) {
        widget.replaceKey(
            "/MK",
            QPDFObjectHandle::newDictionary({{"/R", QPDFObjectHandle::newInteger(page.rotation)}}));
    }
    return {};
}

Result<void> check_size(const PdfForm& form, const PdfBox& box, const ShownPage& page) {
    const bool is_large = box.width * box.height > covered_part_max * page.width() * page.height();
    return form.has_signatures() && is_large
               ? invalid(
                     "The signature would cover more than a quarter of a page that others have "
                     "signed: make it smaller.")
               : Result<void>();
}

// In the rectangle that the field has already.
Result<void> show_in_field(PdfIncrement& increment,
                           const PdfForm& form,
                           PdfField& field,
                           const PdfAppearance& appearance) {
    TRY_ASSIGN(const auto place, place_of_widget(field.name, field.widget));
    TRY(check_size(form, place.box, place.page));
    increment.touch(field.widget);
    return show(increment, field.widget, appearance, place.box, place.page);
}

// Nghị định 30/2020: the seal covers about a third of the person's signature, on its left.
Result<PdfBox> seal_box(PdfForm& form, const PdfAppearance& seal, const ShownPage& page) {
    auto* field = form.find(seal.seal_over);
    TRY_ASSIGN(const auto signature, box_of_widget(seal.seal_over, field->widget, page));
    return PdfBox{signature.x + signature.width / 3 - seal.seal_size,
                  signature.y + (signature.height - seal.seal_size) / 2,
                  seal.seal_size,
                  seal.seal_size};
}

Result<PdfPage> page_for(PdfFile& file, PdfForm& form, const PdfSignature& wish) {
    const auto& over = wish.appearance.seal_over;
    if (over.empty()) {
        return file.page(wish.page);
    }
    auto* field = form.find(over);
    auto page =
        field == nullptr || !field->is_signature ? QPDFObjectHandle() : field->widget.getKey("/P");
    if (!page.isInitialized() || !page.isDictionary()) {
        return Error{ErrorKind::not_found,
                     "The PDF has no signature \"" + over + "\" to put the seal over."};
    }
    return PdfFile::with_inherited(page);
}

QPDFObjectHandle new_widget(const std::string& name,
                            QPDFObjectHandle value,
                            QPDFObjectHandle page) {
    auto widget = QPDFObjectHandle::parse(
        "<< /Type /Annot /Subtype /Widget /FT /Sig /F 132 /Rect [0 0 0 0] >>");
    widget.replaceKey("/T", QPDFObjectHandle::newUnicodeString(name));
    widget.replaceKey("/V", value);
    widget.replaceKey("/P", page);
    return widget;
}

}  // namespace

Result<std::string> place_field(PdfFile& file,
                                PdfForm& form,
                                PdfIncrement& increment,
                                QPDFObjectHandle value,
                                const PdfSignature& wish) {
    auto acro_form = acro_form_of(file, increment);
    set_signature_flags(increment, acro_form);
    if (!wish.field.empty()) {
        TRY_ASSIGN(auto* field, find_empty(form, wish.field));
        field->object.replaceKey("/V", value);
        increment.touch(field->object);
        if (!wish.appearance.is_empty()) {
            TRY(show_in_field(increment, form, *field, wish.appearance));
        }
        return wish.field;
    }
    const auto name = form.free_name("Signature");
    const auto& appearance = wish.appearance;
    TRY_ASSIGN(auto page, page_for(file, form, wish));
    auto widget = new_widget(name, value, page.object);
    if (!appearance.is_empty()) {
        TRY_ASSIGN(const auto shown, shown_page(page));
        auto placement = appearance;
        if (!appearance.seal_over.empty()) {
            TRY_ASSIGN(placement.box, seal_box(form, appearance, shown));
        }
        TRY_ASSIGN(const auto box, place(placement, shown));
        TRY(check_size(form, box, shown));
        TRY(show(increment, widget, appearance, box, shown));
    }
    add_widget(increment, acro_form, widget);
    return name;
}

Result<std::string> add_invisible_field(PdfFile& file,
                                        PdfForm& form,
                                        PdfIncrement& increment,
                                        QPDFObjectHandle value,
                                        const std::string& prefix) {
    auto acro_form = acro_form_of(file, increment);
    set_signature_flags(increment, acro_form);
    const auto name = form.free_name(prefix);
    TRY_ASSIGN(auto page, file.page(1));
    add_widget(increment, acro_form, new_widget(name, value, page.object));
    return name;
}

}  // namespace cloudsign::document
