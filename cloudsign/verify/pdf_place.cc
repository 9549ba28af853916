#include "cloudsign/verify/pdf_place.h"

#include <algorithm>

#include "cloudsign/hex.h"
#include "cloudsign/revision/pdf_changes.h"

namespace cloudsign::verify {
namespace {

using Range = std::array<std::size_t, 4>;

std::optional<Range> range_of(QPDFObjectHandle signature) {
    auto array = signature.getKey("/ByteRange");
    Range range{};
    if (!array.isArray() || array.isIndirect() || array.getArrayNItems() != 4) {
        return std::nullopt;
    }
    for (int i = 0; i < 4; ++i) {
        auto item = array.getArrayItem(i);
        if (!item.isInteger() || item.isIndirect() || item.getIntValue() < 0) {
            return std::nullopt;
        }
        range[static_cast<std::size_t>(i)] = static_cast<std::size_t>(item.getIntValue());
    }
    return range;
}

bool is_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

PdfPlace place_of(QPDFObjectHandle signature, hsm::ByteView pdf) {
    PdfPlace place;
    const auto text = hsm::text_of(pdf);
    const auto fail = [&](Code code) {
        place.findings.push_back({code, ""});
        return place;
    };
    auto contents = signature.getKey("/Contents");
    if (!contents.isString() || contents.getStringValue().empty()) {
        return fail(Code::contents_malformed);
    }
    place.value = contents.getStringValue();
    const auto range = range_of(signature);
    if (!range) {
        return fail(Code::byte_range_malformed);
    }
    const auto [begin, size, rest, rest_size] = *range;
    if (rest > text.size() || rest_size > text.size() - rest || size + 2 > rest || size == 0 ||
        rest_size == 0) {
        return fail(Code::byte_range_malformed);
    }
    place.hole = size;
    place.behind = rest;
    place.end = rest + rest_size;
    const auto digits = text.substr(size + 1, rest - size - 2);
    if (begin != 0 || text[size] != '<' || text[rest - 1] != '>' ||
        !std::ranges::all_of(digits, is_digit)) {
        return fail(Code::byte_range_gap);
    }
    // Another string of that kind may stand there, while the reader takes this one.
    const auto there = from_hex(std::string(digits) + (digits.size() % 2 == 0 ? "" : "0"));
    if (revision::contents_offset(signature) != size || !there ||
        hsm::text_of(*there) != std::string_view(place.value)) {
        return fail(Code::contents_outside_signature);
    }
    return place;
}

}  // namespace cloudsign::verify
