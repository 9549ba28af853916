#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "cloudsign/document/appearance_preset.h"
#include "tests/unit/cloudsign/document/drawn_png.h"
#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/document/site.h"

// Each preset as Poppler paints it, kept in KYSO_RENDERED as PNG and compared with the picture in
// KYSO_RENDERED_EXPECTED that somebody has looked at. Where an appearance is to change, look at the
// new one and copy it there.
namespace cloudsign::document {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t signing_time_ms = 1'790'000'000'000;
// What another build of the same painter may do to the edges of letters.
constexpr int shade_max = 64;
constexpr int differing_max = 20;  // pixels: the smallest letter has more

// A wave, as of a pen; transparent around it.
Bytes handwriting() {
    constexpr int width = 240;
    constexpr int height = 120;
    Bytes pixels(std::size_t{4} * width * height);
    for (int x = 0; x < width; ++x) {
        const auto middle = static_cast<int>(60 + 45 * std::sin(x / 12.0) * (1 - x / 300.0));
        for (int y = middle - 4; y < middle + 4; ++y) {
            const auto at = std::size_t{4} * static_cast<std::size_t>(y * width + x);
            pixels[at + 2] = 200;
            pixels[at + 3] = 255;
        }
    }
    return png_of(pixels, width, height);
}

// A ring with a disc in it, as of a seal; the paper is seen through it.
Bytes seal() {
    constexpr int size = 204;
    Bytes pixels(std::size_t{4} * size * size);
    for (int y = 0; y < size; ++y) {
        for (int x = 0; x < size; ++x) {
            const auto radius = std::hypot(x - size / 2.0, y - size / 2.0);
            const auto at = std::size_t{4} * static_cast<std::size_t>(y * size + x);
            pixels[at] = 210;
            pixels[at + 3] = radius < 30 || (radius > 88 && radius < 100) ? 190 : 0;
        }
    }
    return png_of(pixels, size, size);
}

std::map<std::string, std::string> values_of(const AppearancePreset& preset) {
    std::map<std::string, std::string> values;
    for (const auto& [name, value] : {std::pair{"number", "Số: 12/QĐ-UBND"},
                                      std::pair{"organisation", "UBND xã Tân Phú"},
                                      std::pair{"opinion", "Đồng ý. Chuyển phòng Nội vụ thực hiện"},
                                      std::pair{"name", "Nguyễn Thị Ngọc Ánh"}}) {
        if (preset.text.find(std::string("{") + name + "}") != std::string_view::npos) {
            values[name] = value;
        }
    }
    return values;
}

PdfSignature wish_for(const AppearancePreset& preset) {
    const auto picture = preset.place == PresetPlace::over_third ? seal()
                         : preset.has_picture                    ? handwriting()
                                                                 : Bytes();
    PdfSignature wish;
    wish.appearance = *appearance_of(preset, values_of(preset), picture, signing_time_ms);
    if (preset.place == PresetPlace::given) {
        wish.appearance.box = PdfBox{320, 200, preset.width, preset.height};
    }
    return wish;
}

// A page without letters of its own, whose font the machine would choose.
std::string shown(const AppearancePreset& preset) {
    SamplePdf sample;
    sample.content = "";
    auto pdf = sample_pdf(sample);
    auto wish = wish_for(preset);
    if (preset.place == PresetPlace::over_third) {
        pdf = *site().binh.sign(pdf, wish_for(*preset_named("lanh-dao")));
        wish.appearance.seal_over = "Signature1";
    }
    const auto signed_pdf = site().an.sign(pdf, wish);
    EXPECT_TRUE(signed_pdf) << signed_pdf.error().detail;
    return signed_pdf ? *signed_pdf : pdf;
}

// How many pixels somebody would see to be others; all when the pages are not of one size.
int difference(const Painted& one, const Painted& other) {
    if (one.width != other.width || one.height != other.height) {
        return one.width * one.height;
    }
    int differing = 0;
    for (std::size_t at = 0; at < one.rgb.size(); at += 3) {
        int most = 0;
        for (std::size_t i = at; i < at + 3; ++i) {
            most = std::max(most,
                            std::abs(static_cast<unsigned char>(one.rgb[i]) -
                                     static_cast<unsigned char>(other.rgb[i])));
        }
        differing += most > shade_max ? 1 : 0;
    }
    return differing;
}

TEST(RenderedPresetsTest, LooksAsSomebodyHasSeenIt) {
    const fs::path kept(KYSO_RENDERED);
    fs::create_directories(kept);
    for (const auto& preset : appearance_presets()) {
        SCOPED_TRACE(preset.name);
        const auto name = std::string(preset.name) + ".png";

        const auto painted = site().judges.paint(shown(preset));

        write_png(kept / name, painted);
        const auto expected = read_png(fs::path(KYSO_RENDERED_EXPECTED) / name);
        EXPECT_LE(difference(painted, expected), differing_max) << "see " << (kept / name);
    }
}

TEST(RenderedPresetsTest, TellsOnePictureFromAnother) {
    const auto of = [](std::string_view name) {
        return site().judges.paint(shown(*preset_named(name)));
    };
    const auto copy = of("sao-y");

    EXPECT_GT(difference(copy, of("sao-luc")), differing_max);
    EXPECT_GT(difference(copy, of("van-ban")), differing_max);
}

}  // namespace
}  // namespace cloudsign::document
