#include "hsm/protocol/cbor_reader.h"

#include "hsm/protocol/utf8.h"

namespace hsm::protocol {

CborReader::CborReader(ByteView message) : message_(message) {
    // An empty view may hold a null pointer, on which TinyCBOR would do arithmetic.
    usable_ = !message.empty() &&
              cbor_parser_init(message.data(), message.size(), 0, &parser_, top()) == CborNoError;
}

// RFC 8949 §4.2.1: the argument is as short as possible. TinyCBOR takes any length, so the head is
// read again here.
Result<void> CborReader::check_head(CborType type) {
    if (!usable_ || cbor_value_at_end(top()) || cbor_value_get_type(top()) != type) {
        return Status::malformed;
    }
    const Byte* at = cbor_value_get_next_byte(top());
    const auto left = static_cast<std::size_t>(message_.data() + message_.size() - at);
    const unsigned additional = at[0] & 0x1f;
    if (additional < 24) {
        return {};
    }
    const std::size_t argument_size = std::size_t{1} << (additional - 24);
    if (additional > 27 || left < 1 + argument_size) {
        return Status::malformed;
    }
    std::uint64_t argument = 0;
    for (std::size_t i = 0; i < argument_size; ++i) {
        argument = argument << 8 | at[1 + i];
    }
    const std::uint64_t smallest = additional == 24   ? 24
                                   : additional == 25 ? 0x100
                                   : additional == 26 ? 0x1'0000
                                                      : 0x1'0000'0000;
    if (argument < smallest) {
        return Status::malformed;
    }
    return {};
}

Result<std::size_t> CborReader::open(CborType type) {
    TRY(check_head(type));
    if (depth_ == depth_max) {
        return Status::malformed;
    }
    std::size_t count = 0;
    auto* parent = top();
    const auto got = type == CborMapType ? cbor_value_get_map_length(parent, &count)
                                         : cbor_value_get_array_length(parent, &count);
    if (got != CborNoError ||
        cbor_value_enter_container(parent, &values_[depth_ + 1]) != CborNoError) {
        return Status::malformed;
    }
    ++depth_;
    return count;
}

Result<std::size_t> CborReader::array() {
    return open(CborArrayType);
}
Result<std::size_t> CborReader::map() {
    return open(CborMapType);
}

Result<void> CborReader::end() {
    CHECK(depth_ > 0);
    auto* child = top();
    if (!cbor_value_at_end(child)) {
        return Status::malformed;
    }
    --depth_;
    if (cbor_value_leave_container(top(), child) != CborNoError) {
        return Status::malformed;
    }
    return {};
}

Result<std::uint64_t> CborReader::number(std::uint64_t max) {
    TRY(check_head(CborIntegerType));
    std::uint64_t value = 0;
    if (!cbor_value_is_unsigned_integer(top()) ||
        cbor_value_get_uint64(top(), &value) != CborNoError || value > max ||
        cbor_value_advance_fixed(top()) != CborNoError) {
        return Status::malformed;
    }
    return value;
}

// TinyCBOR hands out a string only through its iteration over chunks; a string of known length is
// one chunk, and the chunk function checks that it ends within the message.
Result<ByteView> CborReader::string(CborType type, std::size_t max) {
    TRY(check_head(type));
    auto* value = top();
    const void* at = nullptr;
    std::size_t size = 0;
    if (cbor_value_begin_string_iteration(value) != CborNoError ||
        _cbor_value_get_string_chunk(value, &at, &size, value) != CborNoError || size > max ||
        cbor_value_finish_string_iteration(value) != CborNoError) {
        return Status::malformed;
    }
    return ByteView(static_cast<const Byte*>(at), size);
}

Result<ByteView> CborReader::bytes(std::size_t max) {
    return string(CborByteStringType, max);
}

Result<std::string_view> CborReader::text(std::size_t max) {
    TRY_ASSIGN(auto bytes, string(CborTextStringType, max));
    if (!is_utf8(text_of(bytes))) {
        return Status::malformed;
    }
    return text_of(bytes);
}

Result<void> CborReader::finish() {
    if (!usable_ || depth_ != 0 || !cbor_value_at_end(top()) ||
        cbor_value_get_next_byte(top()) != message_.data() + message_.size()) {
        return Status::malformed;
    }
    return {};
}

}  // namespace hsm::protocol
