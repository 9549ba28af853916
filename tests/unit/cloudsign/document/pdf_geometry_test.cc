#include "cloudsign/document/pdf_geometry.h"

#include <gtest/gtest.h>

namespace cloudsign::document {
namespace {

using Rectangle = std::array<double, 4>;

// A page of 200 × 100 that begins at (10, 20), and a box at its lower left as it is shown.
ShownPage turned(int rotation) {
    return {10, 20, 210, 120, rotation};
}

TEST(PdfGeometry, PlacesABoxOnATurnedPage) {
    const PdfBox box{5, 7, 30, 11};

    EXPECT_EQ(user_rectangle(turned(0), box), (Rectangle{15, 27, 45, 38}));
    EXPECT_EQ(user_rectangle(turned(90), box), (Rectangle{192, 25, 203, 55}));
    EXPECT_EQ(user_rectangle(turned(180), box), (Rectangle{175, 102, 205, 113}));
    EXPECT_EQ(user_rectangle(turned(270), box), (Rectangle{17, 85, 28, 115}));
}

TEST(PdfGeometry, FindsTheBoxOfARectangleAgain) {
    for (const int rotation : {0, 90, 180, 270}) {
        const PdfBox box{5, 7, 30, 11};

        const auto again = shown_box(turned(rotation), user_rectangle(turned(rotation), box));

        EXPECT_DOUBLE_EQ(again.x, box.x) << rotation;
        EXPECT_DOUBLE_EQ(again.y, box.y) << rotation;
        EXPECT_DOUBLE_EQ(again.width, box.width) << rotation;
        EXPECT_DOUBLE_EQ(again.height, box.height) << rotation;
    }
}

TEST(PdfGeometry, SaysWhatIsNotShown) {
    EXPECT_TRUE(is_on(turned(0), {0, 0, 200, 100}));
    EXPECT_FALSE(is_on(turned(0), {0, 0, 201, 100}));
    EXPECT_FALSE(is_on(turned(90), {0, 0, 200, 100}));
    EXPECT_TRUE(is_on(turned(90), {0, 0, 100, 200}));
    EXPECT_FALSE(is_on(turned(0), {-1, 0, 10, 10}));
    EXPECT_FALSE(is_on(turned(0), {0, 0, 0, 10}));
}

}  // namespace
}  // namespace cloudsign::document
