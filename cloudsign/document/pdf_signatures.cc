#include "cloudsign/document/pdf_signatures.h"

#include <algorithm>

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/qpdf_error.h"
#include "cloudsign/hex.h"

namespace cloudsign::document {
namespace {

// The four numbers of a ByteRange; nothing when they are none.
std::optional<std::array<std::size_t, 4>> numbers_of(QPDFObjectHandle range) {
    std::array<std::size_t, 4> numbers{};
    if (!range.isArray() || range.getArrayNItems() != 4) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        auto item = range.getArrayItem(static_cast<int>(i));
        if (!item.isInteger() || item.getIntValue() < 0) {
            return std::nullopt;
        }
        numbers[i] = static_cast<std::size_t>(item.getIntValue());
    }
    return numbers;
}

}  // namespace

Result<PdfSigned> read_signature(PdfFile& file, PdfField& field) {
    const auto text = hsm::text_of(file.bytes());
    const auto range = numbers_of(field.value.getKey("/ByteRange"));
    const Error odd{ErrorKind::invalid,
                    "The signature \"" + field.name + "\" covers the file in an unusual way."};
    if (!range) {
        return odd;
    }
    const auto [begin, size, rest, rest_size] = *range;
    if (begin != 0 || size + 2 > rest || rest > text.size() || rest_size > text.size() - rest ||
        text[size] != '<' || text[rest - 1] != '>') {
        return odd;
    }
    auto contents = from_hex(text.substr(size + 1, rest - size - 2));
    auto named = field.value.getKey("/Contents");
    // What QPDF reads is what lies in the gap, and no other string elsewhere.
    if (!contents || !named.isString() ||
        hsm::view_of(named.getStringValue()).size() != contents->size() ||
        !hsm::equal(hsm::view_of(named.getStringValue()), *contents)) {
        return odd;
    }
    PdfSigned signature;
    signature.field = field.name;
    signature.is_timestamp = field.value.getKey("/SubFilter").isNameAndEquals("/ETSI.RFC3161");
    signature.place = {size, rest};
    signature.end = rest + rest_size;
    signature.contents = *std::move(contents);
    return signature;
}

Result<std::vector<PdfSigned>> read_signatures(hsm::ByteView pdf) {
    TRY_ASSIGN(auto file, PdfFile::open(pdf));
    TRY_ASSIGN(auto form, PdfForm::read(*file));
    return with_qpdf([&]() -> Result<std::vector<PdfSigned>> {
        std::vector<PdfSigned> signatures;
        for (auto& field : form.fields()) {
            if (field.is_signed()) {
                TRY_ASSIGN(auto signature, read_signature(*file, field));
                signatures.push_back(std::move(signature));
            }
        }
        std::ranges::sort(signatures, {}, &PdfSigned::end);
        TRY(file->check_undamaged());
        return signatures;
    });
}

}  // namespace cloudsign::document
