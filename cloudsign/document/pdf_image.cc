#include "cloudsign/document/pdf_image.h"

#include <png.h>

#include "cloudsign/document/deflate.h"

namespace cloudsign::document {
namespace {

constexpr unsigned side_max = 4096;

QPDFObjectHandle image_dictionary(const png_image& png, const std::string& colour_space) {
    auto dictionary = QPDFObjectHandle::parse(
        "<< /Type /XObject /Subtype /Image /BitsPerComponent 8 /Filter /FlateDecode >>");
    dictionary.replaceKey("/Width", QPDFObjectHandle::newInteger(png.width));
    dictionary.replaceKey("/Height", QPDFObjectHandle::newInteger(png.height));
    dictionary.replaceKey("/ColorSpace", QPDFObjectHandle::newName(colour_space));
    return dictionary;
}

}  // namespace

Result<PdfImage> write_png(PdfIncrement& increment, hsm::ByteView bytes) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0) {
        return Error{ErrorKind::invalid, "The picture is no PNG that can be read."};
    }
    if (png.width > side_max || png.height > side_max) {
        png_image_free(&png);
        return Error{ErrorKind::invalid,
                     "The picture is too large: at most 4096 pixels a side are taken."};
    }
    png.format = PNG_FORMAT_RGBA;
    std::string pixels(PNG_IMAGE_SIZE(png), '\0');
    if (png_image_finish_read(&png, nullptr, pixels.data(), 0, nullptr) == 0) {
        png_image_free(&png);
        return Error{ErrorKind::invalid, "The picture is damaged."};
    }
    std::string colours;
    std::string opacity;
    colours.reserve(pixels.size() / 4 * 3);
    opacity.reserve(pixels.size() / 4);
    for (std::size_t at = 0; at < pixels.size(); at += 4) {
        colours.append(pixels, at, 3);
        opacity += pixels[at + 3];
    }
    auto dictionary = image_dictionary(png, "/DeviceRGB");
    dictionary.replaceKey(
        "/SMask", increment.add_stream(image_dictionary(png, "/DeviceGray"), deflate(opacity)));
    return PdfImage{increment.add_stream(dictionary, deflate(colours)),
                    static_cast<int>(png.width),
                    static_cast<int>(png.height)};
}

}  // namespace cloudsign::document
