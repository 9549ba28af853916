#include "tests/unit/cloudsign/document/drawn_png.h"

#include <png.h>

#include "hsm/base/check.h"

namespace cloudsign::document {
namespace {

png_image image_of(unsigned width, unsigned height, unsigned format) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = format;
    return image;
}

}  // namespace

Bytes png_of(const Bytes& pixels, unsigned width, unsigned height) {
    auto image = image_of(width, height, PNG_FORMAT_RGBA);
    png_alloc_size_t size = 0;
    CHECK(png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr) == 1);
    Bytes png(size);
    CHECK(png_image_write_to_memory(&image, png.data(), &size, 0, pixels.data(), 0, nullptr) == 1);
    return png;
}

void write_png(const std::filesystem::path& file, const Painted& page) {
    auto image = image_of(
        static_cast<unsigned>(page.width), static_cast<unsigned>(page.height), PNG_FORMAT_RGB);
    CHECK(png_image_write_to_file(&image, file.c_str(), 0, page.rgb.data(), 0, nullptr) == 1);
}

Painted read_png(const std::filesystem::path& file) {
    auto image = image_of(0, 0, 0);
    if (png_image_begin_read_from_file(&image, file.c_str()) == 0) {
        return {};
    }
    image.format = PNG_FORMAT_RGB;
    Painted page{static_cast<int>(image.width), static_cast<int>(image.height), {}};
    page.rgb.resize(PNG_IMAGE_SIZE(image));
    CHECK(png_image_finish_read(&image, nullptr, page.rgb.data(), 0, nullptr) == 1);
    return page;
}

}  // namespace cloudsign::document
