#pragma once

#include <qpdf/QPDFObjectHandle.hh>

namespace cloudsign::document {

// Whether a widget's normal appearance shows anything beyond lines and areas, which are its border:
// text, a picture, a shading. Of one that changes with a state (a check box) it says no; of one
// that cannot be read, or is larger than an empty field's could be, yes.
bool paints_content(QPDFObjectHandle widget);

}  // namespace cloudsign::document
