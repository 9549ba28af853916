#pragma once

#include <array>

namespace cloudsign::document {

// A rectangle on the page as a reader shows it: points, the origin at the lower left corner of what
// is shown (the CropBox, turned by /Rotate).
struct PdfBox {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
};

// What a page shows of its user space: [x0, x1] × [y0, y1], turned clockwise.
struct ShownPage {
    double x0 = 0;
    double y0 = 0;
    double x1 = 0;
    double y1 = 0;
    int rotation = 0;  // 0, 90, 180, 270

    double width() const { return rotation % 180 == 0 ? x1 - x0 : y1 - y0; }
    double height() const { return rotation % 180 == 0 ? y1 - y0 : x1 - x0; }
};

// How much of a page that others have signed the picture of a later signature may cover: over a
// seal or beside a name is where signatures belong, and more would be another page. The largest
// preset takes a tenth of A4.
inline constexpr double covered_part_max = 0.25;

// True when all of `box` is shown.
bool is_on(const ShownPage& page, const PdfBox& box);

// The same rectangle in user space: lower left, upper right.
std::array<double, 4> user_rectangle(const ShownPage& page, const PdfBox& box);
// The reverse, of any rectangle.
PdfBox shown_box(const ShownPage& page, const std::array<double, 4>& user);

// The /Matrix (its first four numbers) under which a form's content is shown upright.
std::array<int, 4> upright_matrix(int rotation);

}  // namespace cloudsign::document
