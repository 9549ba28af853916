#include "firmware/command/service_content.h"

#include "firmware/command/service_clock.h"
#include "firmware/engine/der.h"
#include "firmware/engine/digest.h"

namespace firmware::command {

using engine::der_octet_string;
using engine::der_sequence;
using engine::DerReader;
using hsm::Byte;
using hsm::ByteView;
using hsm::Result;
using hsm::Status;

namespace {

constexpr Byte der_object_identifier = 0x06;
constexpr Byte der_generalized_time = 0x18;
constexpr Byte der_set = 0x31;
constexpr Byte by_key = 0xa2;
constexpr Byte response_extensions = 0xa1;

constexpr Byte version_1[] = {0x02, 0x01, 0x01};
// 1.2.840.113549.1.9.3, 1.2.840.113549.1.9.4, 1.2.840.113549.1.9.16.1.4: the contents.
constexpr Byte content_type[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03};
constexpr Byte message_digest[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04};
constexpr Byte tst_info[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04};

Result<void> read_response_data(ByteView content) {
    DerReader outer(content);
    TRY_ASSIGN(auto fields, outer.element(der_sequence));
    TRY(outer.end());
    DerReader reader(fields);
    TRY_ASSIGN(auto responder, reader.element(by_key));
    DerReader key(responder);
    TRY_ASSIGN(auto key_hash, key.element(der_octet_string));
    TRY(key.end());
    constexpr std::size_t sha1_size = 20;
    if (key_hash.size() != sha1_size) {
        return Status::malformed;
    }
    TRY(reader.element(der_generalized_time));
    TRY(reader.element(der_sequence));
    if (!reader.rest().empty()) {
        TRY(reader.element(response_extensions));
    }
    return reader.end();
}

Result<ByteView> read_time(ByteView content) {
    DerReader outer(content);
    TRY_ASSIGN(auto fields, outer.element(der_sequence));
    TRY(outer.end());
    DerReader reader(fields);
    TRY(reader.literal(version_1));
    TRY(reader.element(der_object_identifier));  // policy
    TRY(reader.element(der_sequence));           // message imprint
    TRY(reader.positive_integer());              // serial number
    return reader.element(der_generalized_time);
}

// The one value of the attribute, an element with this tag.
Result<ByteView> only_value(DerReader& attribute, Byte tag) {
    TRY_ASSIGN(auto values, attribute.element(der_set));
    TRY(attribute.end());
    DerReader reader(values);
    TRY_ASSIGN(auto value, reader.element(tag));
    TRY(reader.end());
    return value;
}

Result<void> read_attributes(ByteView attributes, const hsm::Digest& digest) {
    DerReader outer(attributes);
    TRY_ASSIGN(auto set, outer.element(der_set));
    TRY(outer.end());
    DerReader reader(set);
    unsigned content_types = 0;
    unsigned digests = 0;
    while (!reader.rest().empty()) {
        TRY_ASSIGN(auto one, reader.element(der_sequence));
        DerReader attribute(one);
        TRY_ASSIGN(auto type, attribute.element(der_object_identifier));
        if (std::ranges::equal(type, content_type)) {
            TRY_ASSIGN(auto value, only_value(attribute, der_object_identifier));
            ++content_types;
            TRY(std::ranges::equal(value, tst_info) ? Result<void>() : Status::malformed);
        } else if (std::ranges::equal(type, message_digest)) {
            TRY_ASSIGN(auto value, only_value(attribute, der_octet_string));
            ++digests;
            TRY(std::ranges::equal(value, digest) ? Result<void>() : Status::malformed);
        }
    }
    return content_types == 1 && digests == 1 ? Result<void>() : Status::malformed;
}

}  // namespace

Result<void> check_response_data(ByteView content) {
    return read_response_data(content) ? Result<void>() : Status::content_wrong;
}

Result<std::uint64_t> check_time_stamp(ByteView content, ByteView attributes) {
    const auto time = read_time(content);
    const ByteView parts[] = {content};
    if (!time || !read_attributes(attributes, engine::sha256(parts))) {
        return Status::content_wrong;
    }
    return read_generalized_time(*time);
}

}  // namespace firmware::command
