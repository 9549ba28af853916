#pragma once

#include <cbor.h>

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace hsm::protocol {

// Pulls items off CBOR and refuses, as `malformed`, whatever the profile of PROTOCOL.md "Encoding"
// does not allow: indefinite lengths, tags, floats, simple values, negative numbers, a head longer
// than need be, more than three levels, text that is not UTF-8, bytes after the end.
// Views that it returns point into the message.
class CborReader {
public:
    explicit CborReader(ByteView message);
    CborReader(const CborReader&) = delete;  // TinyCBOR's values point at parser_
    CborReader& operator=(const CborReader&) = delete;

    // Each answers the container's count of items (of pairs, for a map).
    Result<std::size_t> array();
    Result<std::size_t> map();
    Result<void> end();  // the innermost container must be used up

    Result<std::uint64_t> number(std::uint64_t max = UINT64_MAX);
    Result<ByteView> bytes(std::size_t max);
    Result<std::string_view> text(std::size_t max);

    Result<void> finish();  // nothing may follow

private:
    static constexpr std::size_t depth_max = 3;

    Result<void> check_head(CborType type);
    Result<std::size_t> open(CborType type);
    Result<ByteView> string(CborType type, std::size_t max);
    CborValue* top() { return &values_[depth_]; }

    ByteView message_;
    CborParser parser_{};
    std::array<CborValue, depth_max + 1> values_{};
    std::size_t depth_ = 0;
    bool usable_ = false;
};

}  // namespace hsm::protocol
