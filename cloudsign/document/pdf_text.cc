#include "cloudsign/document/pdf_text.h"

#include <cstdio>
#include <hb-ot.h>
#include <hb-subset.h>
#include <hb.h>
#include <map>

#include "cloudsign/document/deflate.h"
#include "cloudsign/hex.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/utf8.h"

// The font itself, out of Debian's package, in the program: no machine has to have it.
asm(R"(
    .section .rodata
    .balign 16
    .global kyso_serif_begin
    .global kyso_serif_end
kyso_serif_begin:
    .incbin ")" KYSO_SERIF_FONT R"("
kyso_serif_end:
    .byte 0
    .previous
)");
extern "C" {
extern const char kyso_serif_begin[];
extern const char kyso_serif_end[];
}

namespace cloudsign::document {
namespace {

template <auto destroy>
struct Destroyed {
    template <class T>
    void operator()(T* object) const {
        destroy(object);
    }
};
using BlobPtr = std::unique_ptr<hb_blob_t, Destroyed<hb_blob_destroy>>;
using BufferPtr = std::unique_ptr<hb_buffer_t, Destroyed<hb_buffer_destroy>>;
using FacePtr = std::unique_ptr<hb_face_t, Destroyed<hb_face_destroy>>;
using FontPtr = std::unique_ptr<hb_font_t, Destroyed<hb_font_destroy>>;
using SubsetPtr = std::unique_ptr<hb_subset_input_t, Destroyed<hb_subset_input_destroy>>;

constexpr double per_em = 1000;  // PDF's glyph space, ISO 32000-2 §9.2.4

std::string hex4(unsigned value) {
    char text[8];
    std::snprintf(text, sizeof text, "%04X", value & 0xffff);
    return text;
}

// For whoever looks for it in their text, where it may not be seen. `text`: of one glyph.
std::string name_of_character(std::string_view text) {
    auto rest = text;
    const auto character = text.empty() ? std::nullopt : hsm::protocol::take_character(rest);
    if (!character) {
        return "for what is no UTF-8";
    }
    char number[16];
    std::snprintf(number, sizeof number, "U+%04X", static_cast<unsigned>(*character));
    return hsm::protocol::is_legible(text) ? "\"" + std::string(text) + "\" (" + number + ")"
                                           : std::string(number);
}

// UTF-16BE, as a ToUnicode map wants it.
std::string utf16_of(std::string_view utf8) {
    auto object = QPDFObjectHandle::newUnicodeString(std::string(utf8));
    auto text = object.getStringValue();
    std::string digits;
    if (text.starts_with("\xfe\xff")) {
        return hex(hsm::view_of(std::string_view(text).substr(2)));
    }
    for (const char c : text) {  // QPDF keeps ASCII in one byte
        digits += hex4(static_cast<unsigned char>(c));
    }
    return digits;
}

std::string to_unicode_map(const std::map<hb_codepoint_t, std::string>& glyphs) {
    std::string text =
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << "
        "/Registry "
        "(Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS "
        "def\n/CMapType "
        "2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n";
    constexpr std::size_t block_max = 100;  // Adobe Technical Note 5014 §1.4.1
    auto at = glyphs.begin();
    while (at != glyphs.end()) {
        std::string block;
        std::size_t count = 0;
        for (; at != glyphs.end() && count < block_max; ++at, ++count) {
            block += "<" + hex4(at->first) + "> <" + utf16_of(at->second) + ">\n";
        }
        text += std::to_string(count) + " beginbfchar\n" + block + "endbfchar\n";
    }
    return text + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
}

QPDFObjectHandle number(double value) {
    return QPDFObjectHandle::newReal(value, 2);
}

}  // namespace

struct PdfText::Font {
    BlobPtr blob{hb_blob_create(kyso_serif_begin,
                                static_cast<unsigned>(kyso_serif_end - kyso_serif_begin),
                                HB_MEMORY_MODE_READONLY,
                                nullptr,
                                nullptr)};
    FacePtr face{hb_face_create(blob.get(), 0)};
    FontPtr font{hb_font_create(face.get())};
    std::map<hb_codepoint_t, std::string> used;  // glyph → the text that it stands for

    double scaled(double units) const { return units * per_em / hb_face_get_upem(face.get()); }
    double advance(hb_codepoint_t glyph) const {
        return scaled(hb_font_get_glyph_h_advance(font.get(), glyph));
    }

    Result<BlobPtr> subset() const {
        const SubsetPtr input(hb_subset_input_create_or_fail());
        auto* glyphs = hb_subset_input_glyph_set(input.get());
        for (const auto& [glyph, text] : used) {
            hb_set_add(glyphs, glyph);
        }
        // Glyph numbers stay: they are the CIDs in the page's text.
        hb_subset_input_set_flags(input.get(),
                                  HB_SUBSET_FLAGS_RETAIN_GIDS | HB_SUBSET_FLAGS_NO_HINTING);
        auto* dropped = hb_subset_input_set(input.get(), HB_SUBSET_SETS_DROP_TABLE_TAG);
        for (const auto* table : {"GSUB", "GPOS", "GDEF", "kern", "name", "post", "FFTM"}) {
            hb_set_add(dropped, hb_tag_from_string(table, -1));
        }
        const FacePtr made(hb_subset_or_fail(face.get(), input.get()));
        if (!made) {
            return Error{ErrorKind::internal, "the font cannot be cut down"};
        }
        return BlobPtr(hb_face_reference_blob(made.get()));
    }
};

PdfText::PdfText() : font_(std::make_unique<Font>()) {}
PdfText::~PdfText() = default;

Result<PdfText::Line> PdfText::shape(std::string_view utf8) {
    const BufferPtr buffer(hb_buffer_create());
    hb_buffer_add_utf8(
        buffer.get(), utf8.data(), static_cast<int>(utf8.size()), 0, static_cast<int>(utf8.size()));
    hb_buffer_set_direction(buffer.get(), HB_DIRECTION_LTR);
    hb_buffer_set_script(buffer.get(), HB_SCRIPT_LATIN);
    hb_buffer_set_language(buffer.get(), hb_language_from_string("vi", -1));
    // Neither moves what a plain Tj could not follow.
    const hb_feature_t features[] = {
        {HB_TAG('l', 'i', 'g', 'a'), 0, HB_FEATURE_GLOBAL_START, HB_FEATURE_GLOBAL_END},
        {HB_TAG('k', 'e', 'r', 'n'), 0, HB_FEATURE_GLOBAL_START, HB_FEATURE_GLOBAL_END}};
    hb_shape(font_->font.get(), buffer.get(), features, 2);
    unsigned count = 0;
    const auto* glyphs = hb_buffer_get_glyph_infos(buffer.get(), &count);
    Line line;
    line.glyphs = "<";
    for (unsigned i = 0; i < count; ++i) {
        const auto begin = glyphs[i].cluster;
        const auto end = i + 1 < count ? glyphs[i + 1].cluster : utf8.size();
        const auto text = utf8.substr(begin, end > begin ? end - begin : 0);
        const auto glyph = glyphs[i].codepoint;
        if (glyph == 0) {
            return Error{ErrorKind::invalid,
                         "The font has no character " + name_of_character(text) + "."};
        }
        font_->used.try_emplace(glyph, text);
        line.glyphs += hex4(glyph);
        line.width += font_->advance(glyph) / per_em;
    }
    line.glyphs += ">";
    return line;
}

Result<QPDFObjectHandle> PdfText::write_font(PdfIncrement& increment) const {
    TRY_ASSIGN(const auto blob, font_->subset());
    unsigned size = 0;
    const auto* bytes = hb_blob_get_data(blob.get(), &size);
    const std::string_view content(bytes, size);
    auto file = QPDFObjectHandle::parse("<< /Filter /FlateDecode >>");
    file.replaceKey("/Length1", QPDFObjectHandle::newInteger(size));
    // §9.9.2: six letters tell this subset from others.
    std::string name = "/";
    const auto hash = hsm::openssl::sha256(content);
    for (const auto byte : hsm::ByteView(hash).first(6)) {
        name += static_cast<char>('A' + byte % 26);
    }
    name += "+LiberationSerif";

    hb_font_extents_t extents{};
    hb_font_get_h_extents(font_->font.get(), &extents);
    auto descriptor = QPDFObjectHandle::parse(
        "<< /Type /FontDescriptor /Flags 6 /ItalicAngle 0 /StemV 80 /CapHeight 662 "
        "/FontBBox [-543 -303 1277 981] >>");
    descriptor.replaceKey("/FontName", QPDFObjectHandle::newName(name));
    descriptor.replaceKey("/Ascent", number(font_->scaled(extents.ascender)));
    descriptor.replaceKey("/Descent", number(font_->scaled(extents.descender)));
    descriptor.replaceKey("/FontFile2", increment.add_stream(file, deflate(content)));

    auto widths = QPDFObjectHandle::newArray();
    for (const auto& [glyph, text] : font_->used) {
        widths.appendItem(QPDFObjectHandle::newInteger(glyph));
        widths.appendItem(QPDFObjectHandle::newArray({number(font_->advance(glyph))}));
    }
    auto descendant = QPDFObjectHandle::parse(
        "<< /Type /Font /Subtype /CIDFontType2 /CIDToGIDMap /Identity /CIDSystemInfo << /Registry "
        "(Adobe) /Ordering (Identity) /Supplement 0 >> >>");
    descendant.replaceKey("/BaseFont", QPDFObjectHandle::newName(name));
    descendant.replaceKey("/FontDescriptor", increment.add(descriptor));
    descendant.replaceKey("/W", widths);

    auto font = QPDFObjectHandle::parse("<< /Type /Font /Subtype /Type0 /Encoding /Identity-H >>");
    font.replaceKey("/BaseFont", QPDFObjectHandle::newName(name));
    font.replaceKey("/DescendantFonts", QPDFObjectHandle::newArray({increment.add(descendant)}));
    font.replaceKey("/ToUnicode",
                    increment.add_stream(QPDFObjectHandle::parse("<< /Filter /FlateDecode >>"),
                                         deflate(to_unicode_map(font_->used))));
    return increment.add(font);
}

}  // namespace cloudsign::document
