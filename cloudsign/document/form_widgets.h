#pragma once

#include <string>

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/pdf_geometry.h"
#include "cloudsign/document/pdf_increment.h"

// Widgets: where fields stand on pages (ISO 32000-2 §12.5.6.19).
namespace cloudsign::document {

// The AcroForm of the file, to be changed. One of our own is an object of its own, so that the next
// signature leaves the catalog.
QPDFObjectHandle acro_form_of(PdfFile& file, PdfIncrement& increment);

// Puts a field with this one widget into the form, and onto the page that its /P names.
void add_widget(PdfIncrement& increment, QPDFObjectHandle acro_form, QPDFObjectHandle widget);

// What /Rect says of `box` on what `page` shows.
QPDFObjectHandle rectangle(const ShownPage& page, const PdfBox& box);

// Has readers show fields as they are drawn, not as each of them would (/NeedAppearances);
// `invalid`, in words, where the form is signed so, or a field with a value is not drawn.
Result<void> settle_appearances(PdfForm& form, PdfIncrement& increment, QPDFObjectHandle acro_form);

struct WidgetPlace {
    ShownPage page;
    PdfBox box;
};
// Where a widget of `field` stands. `invalid`, in words, when that is nowhere or no area.
Result<WidgetPlace> place_of_widget(const std::string& field, QPDFObjectHandle widget);
// The same on a page that is known.
Result<PdfBox> box_of_widget(const std::string& field,
                             QPDFObjectHandle widget,
                             const ShownPage& page);

}  // namespace cloudsign::document
