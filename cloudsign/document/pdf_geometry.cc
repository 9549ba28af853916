#include "cloudsign/document/pdf_geometry.h"

#include <algorithm>

namespace cloudsign::document {
namespace {

struct Point {
    double x = 0;
    double y = 0;
};

// ISO 32000-2 §7.7.3.3: /Rotate turns the page clockwise when it is shown.
Point to_user(const ShownPage& page, Point shown) {
    switch (page.rotation) {
        case 90:
            return {page.x1 - shown.y, page.y0 + shown.x};
        case 180:
            return {page.x1 - shown.x, page.y1 - shown.y};
        case 270:
            return {page.x0 + shown.y, page.y1 - shown.x};
        default:
            return {page.x0 + shown.x, page.y0 + shown.y};
    }
}

Point to_shown(const ShownPage& page, Point user) {
    switch (page.rotation) {
        case 90:
            return {user.y - page.y0, page.x1 - user.x};
        case 180:
            return {page.x1 - user.x, page.y1 - user.y};
        case 270:
            return {page.y1 - user.y, user.x - page.x0};
        default:
            return {user.x - page.x0, user.y - page.y0};
    }
}

}  // namespace

bool is_on(const ShownPage& page, const PdfBox& box) {
    constexpr double tolerance = 0.01;
    return box.width > 0 && box.height > 0 && box.x >= -tolerance && box.y >= -tolerance &&
           box.x + box.width <= page.width() + tolerance &&
           box.y + box.height <= page.height() + tolerance;
}

std::array<double, 4> user_rectangle(const ShownPage& page, const PdfBox& box) {
    const auto a = to_user(page, {box.x, box.y});
    const auto b = to_user(page, {box.x + box.width, box.y + box.height});
    return {std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y)};
}

PdfBox shown_box(const ShownPage& page, const std::array<double, 4>& user) {
    const auto a = to_shown(page, {user[0], user[1]});
    const auto b = to_shown(page, {user[2], user[3]});
    return {std::min(a.x, b.x),
            std::min(a.y, b.y),
            std::max(a.x, b.x) - std::min(a.x, b.x),
            std::max(a.y, b.y) - std::min(a.y, b.y)};
}

std::array<int, 4> upright_matrix(int rotation) {
    switch (rotation) {
        case 90:
            return {0, 1, -1, 0};
        case 180:
            return {-1, 0, 0, -1};
        case 270:
            return {0, -1, 1, 0};
        default:
            return {1, 0, 0, 1};
    }
}

}  // namespace cloudsign::document
