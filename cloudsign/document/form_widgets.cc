#include "cloudsign/document/form_widgets.h"

#include "cloudsign/document/appearance_form.h"

namespace cloudsign::document {
namespace {

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

// The object that must be written again when `holder`'s array `key` changes: the array itself where
// it is an object of its own.
void append(PdfIncrement& increment,
            QPDFObjectHandle holder,
            const std::string& key,
            QPDFObjectHandle item) {
    auto array = holder.getKey(key);
    if (!array.isArray()) {
        holder.replaceKey(key, QPDFObjectHandle::newArray({item}));
        increment.touch(holder);
        return;
    }
    array.appendItem(item);
    increment.touch(array.isIndirect() ? array : holder);
}

}  // namespace

QPDFObjectHandle acro_form_of(PdfFile& file, PdfIncrement& increment) {
    auto root = file.root();
    auto form = root.getKey("/AcroForm");
    if (form.isDictionary() && form.isIndirect()) {
        return form;
    }
    form = increment.add(form.isDictionary() ? form.shallowCopy()
                                             : QPDFObjectHandle::parse("<< /Fields [] >>"));
    root.replaceKey("/AcroForm", form);
    increment.touch(root);
    return form;
}

void add_widget(PdfIncrement& increment, QPDFObjectHandle acro_form, QPDFObjectHandle widget) {
    auto placed = increment.add(widget);
    append(increment, widget.getKey("/P"), "/Annots", placed);
    append(increment, acro_form, "/Fields", placed);
}

Result<void> settle_appearances(PdfForm& form,
                                PdfIncrement& increment,
                                QPDFObjectHandle acro_form) {
    auto wanted = acro_form.getKey("/NeedAppearances");
    if (!wanted.isBool() || !wanted.getBoolValue()) {
        return {};
    }
    const Error undrawn = invalid(
        "The PDF leaves it to each reader how its filled fields look (NeedAppearances): "
        "open it, save it with its fields drawn, and take that.");
    if (form.has_signatures()) {
        return undrawn;
    }
    for (auto& field : form.fields()) {
        const bool is_filled = !field.is_signature && !field.value.isNull();
        if (is_filled && !field.widget.getKeyIfDict("/AP").isDictionary()) {
            return undrawn;
        }
    }
    acro_form.removeKey("/NeedAppearances");
    increment.touch(acro_form);
    return {};
}

QPDFObjectHandle rectangle(const ShownPage& page, const PdfBox& box) {
    auto array = QPDFObjectHandle::newArray();
    for (const double number : user_rectangle(page, box)) {
        array.appendItem(QPDFObjectHandle::newReal(number, 3));
    }
    return array;
}

Result<PdfBox> box_of_widget(const std::string& field,
                             QPDFObjectHandle widget,
                             const ShownPage& page) {
    auto rectangle = widget.getKey("/Rect");
    if (!rectangle.isRectangle()) {
        return invalid("The field \"" + field + "\" has no place on a page.");
    }
    const auto corners = rectangle.getArrayAsRectangle();
    const auto box = shown_box(page, {corners.llx, corners.lly, corners.urx, corners.ury});
    if (box.width <= 0 || box.height <= 0) {
        return invalid("The field \"" + field + "\" shows nothing.");
    }
    return box;
}

Result<WidgetPlace> place_of_widget(const std::string& field, QPDFObjectHandle widget) {
    auto page = widget.isIndirect() && widget.isDictionary()
                    ? PdfFile::with_inherited(widget.getKey("/P"))
                    : PdfPage();
    if (!page.object.isInitialized() || !page.object.isDictionary()) {
        return invalid("The field \"" + field +
                       "\" does not say which page it stands on (/P), and is not used.");
    }
    WidgetPlace place;
    TRY_ASSIGN(place.page, shown_page(page));
    TRY_ASSIGN(place.box, box_of_widget(field, widget, place.page));
    return place;
}

}  // namespace cloudsign::document
