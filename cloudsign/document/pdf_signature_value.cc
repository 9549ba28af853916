#include "cloudsign/document/pdf_signature_value.h"

#include "hsm/base/check.h"

namespace cloudsign::document {
namespace {

constexpr std::size_t byte_range_size = 60;

// The keys as QPDF writes them. A text in which another's software could take "/ByteRange" for the
// key itself is written in hexadecimal.
std::string keys_of(QPDFObjectHandle dictionary) {
    std::string text;
    for (const auto& [key, value] : dictionary.getDictAsMap()) {
        auto written = value;
        const bool is_ambiguous =
            written.isString() && written.getStringValue().find('/') != std::string::npos;
        text += " " + key + " " + (is_ambiguous ? written.unparseBinary() : written.unparse());
    }
    return text;
}

}  // namespace

SignatureValue signature_value(QPDFObjectHandle dictionary, std::size_t room) {
    SignatureValue value;
    value.room = room;
    value.text = "<< /ByteRange [";
    value.byte_range = value.text.size();
    value.text += std::string(byte_range_size, ' ') + "] /Contents ";
    value.contents = value.text.size();
    value.text += "<" + std::string(2 * room, '0') + ">";
    value.text += keys_of(dictionary) + " >>";
    return value;
}

AroundContents cut_at_contents(std::string increment,
                               std::size_t value_at,
                               const SignatureValue& value,
                               std::size_t base_size) {
    const auto contents = value_at + value.contents;
    const auto behind = contents + 2 * value.room + 2;
    const auto range = "0 " + std::to_string(base_size + contents) + " " +
                       std::to_string(base_size + behind) + " " +
                       std::to_string(increment.size() - behind);
    CHECK(range.size() <= byte_range_size);
    increment.replace(value_at + value.byte_range, range.size(), range);
    AroundContents parts;
    parts.after = increment.substr(behind);
    increment.resize(contents);
    parts.before = std::move(increment);
    return parts;
}

}  // namespace cloudsign::document
