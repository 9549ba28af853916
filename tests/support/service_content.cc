#include "tests/support/service_content.h"

#include <ctime>
#include <fmt/format.h>

namespace tests::support {

using hsm::Byte;
using hsm::ByteView;

namespace wire = hsm::protocol;

namespace {

constexpr Byte integer = 0x02;
constexpr Byte octet_string = 0x04;
constexpr Byte object_identifier = 0x06;
constexpr Byte utc_time = 0x17;
constexpr Byte generalized_time = 0x18;
constexpr Byte sequence = 0x30;
constexpr Byte set = 0x31;

const Bytes one{1};
const Bytes ecdsa_with_sha256{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
const Bytes sha256_type{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
const Bytes content_type{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03};
const Bytes message_digest{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04};
const Bytes policy{0x2a, 0x03, 0x04};
const Bytes common_name{0x55, 0x04, 0x03};
const Bytes crl_number{0x55, 0x1d, 0x14};

Bytes text(std::string_view characters) {
    return copy_of(hsm::view_of(characters));
}

Bytes algorithm() {
    return der(sequence, {der(object_identifier, {ecdsa_with_sha256})});
}

Bytes name() {
    const auto attribute =
        der(sequence, {der(object_identifier, {common_name}), der(0x0c, {text("Test CA")})});
    return der(sequence, {der(set, {attribute})});
}

}  // namespace

const Bytes tst_info_type{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04};

Bytes der(Byte tag, std::initializer_list<ByteView> contents) {
    Bytes inside;
    for (const auto part : contents) {
        inside.insert(inside.end(), part.begin(), part.end());
    }
    Bytes out{tag};
    if (inside.size() < 0x80) {
        out.push_back(static_cast<Byte>(inside.size()));
    } else {
        Bytes length;
        for (auto left = inside.size(); left != 0; left >>= 8) {
            length.insert(length.begin(), static_cast<Byte>(left));
        }
        out.push_back(static_cast<Byte>(0x80 | length.size()));
        out.insert(out.end(), length.begin(), length.end());
    }
    out.insert(out.end(), inside.begin(), inside.end());
    return out;
}

Bytes some_list(std::size_t revoked) {
    const auto this_update = der(utc_time, {text("261127000000Z")});
    const auto next_update = der(utc_time, {text("261128000000Z")});
    Bytes entries;
    for (std::size_t i = 0; i < revoked; ++i) {
        const Bytes serial{0x41, static_cast<Byte>(i >> 8), static_cast<Byte>(i)};
        const auto entry = der(sequence, {der(integer, {serial}), this_update});
        entries.insert(entries.end(), entry.begin(), entry.end());
    }
    const auto number = der(
        sequence, {der(object_identifier, {crl_number}), der(octet_string, {der(integer, {one})})});
    const auto extensions = der(0xa0, {der(sequence, {number})});
    return der(sequence,
               {der(integer, {one}),
                algorithm(),
                name(),
                this_update,
                next_update,
                revoked == 0 ? Bytes() : der(sequence, {entries}),
                extensions});
}

Bytes some_response_data() {
    const Bytes key_hash(20, 0x5a);
    const auto produced = der(generalized_time, {text("20261127000000Z")});
    const auto id = der(sequence,
                        {algorithm(),
                         der(octet_string, {key_hash}),
                         der(octet_string, {key_hash}),
                         der(integer, {one})});
    const auto single = der(sequence, {id, der(0x80, {}), produced});
    return der(sequence,
               {der(0xa2, {der(octet_string, {key_hash})}), produced, der(sequence, {single})});
}

Bytes time_stamp_attributes(ByteView type, ByteView digest) {
    return der(
        set,
        {der(sequence,
             {der(object_identifier, {content_type}), der(set, {der(object_identifier, {type})})}),
         der(sequence,
             {der(object_identifier, {message_digest}), der(set, {der(octet_string, {digest})})})});
}

TimeStamp time_stamp(std::uint64_t time_ms) {
    const auto seconds = static_cast<std::time_t>(time_ms / 1000);
    std::tm calendar{};
    ::gmtime_r(&seconds, &calendar);
    auto time = fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}",
                            calendar.tm_year + 1900,
                            calendar.tm_mon + 1,
                            calendar.tm_mday,
                            calendar.tm_hour,
                            calendar.tm_min,
                            calendar.tm_sec);
    if (time_ms % 1000 != 0) {
        time += fmt::format(".{:03}", time_ms % 1000);
        time.erase(time.find_last_not_of('0') + 1);
    }
    time += 'Z';
    const auto imprint = der(sequence,
                             {der(sequence, {der(object_identifier, {sha256_type})}),
                              der(octet_string, {random_digest()})});
    TimeStamp stamp;
    stamp.content = der(sequence,
                        {der(integer, {one}),
                         der(object_identifier, {policy}),
                         imprint,
                         der(integer, {one}),
                         der(generalized_time, {text(time)})});
    stamp.attributes = time_stamp_attributes(tst_info_type, sha256_of(stamp.content));
    return stamp;
}

hsm::Result<Bytes> sign_list(const Target& module,
                             ByteView blob,
                             ByteView list,
                             std::size_t piece_size) {
    TRY(call(module, wire::ListBeginRequest{static_cast<std::uint32_t>(list.size())}));
    for (std::size_t at = 0; at < list.size(); at += piece_size) {
        const auto piece = list.subspan(at, std::min(piece_size, list.size() - at));
        TRY(call(module, wire::ListWriteRequest{static_cast<std::uint32_t>(at), piece}));
    }
    TRY_ASSIGN(auto made, call(module, wire::ListFinishRequest{blob, es256, 1000}));
    return copy_of(made->signature);
}

hsm::Result<Bytes> sign_service(const Target& module,
                                ByteView blob,
                                ByteView content,
                                ByteView attributes) {
    TRY_ASSIGN(auto made,
               call(module, wire::SignServiceRequest{blob, es256, content, attributes, 1000}));
    return copy_of(made->signature);
}

}  // namespace tests::support
