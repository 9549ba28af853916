#include "hsm/protocol/cbor_reader.h"

#include "hsm/protocol/utf8.h"

namespace hsm::protocol {

CborReader::CborReader(ByteView message) : message_(message) {
    usable_ = cbor_parser_init(message.data(), message.size(), 0, &parser_, top()) == CborNoError;
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

Result<ByteView> CborReader::bytes(std::size_t max) {
    TRY(check_head(CborByteStringType));
    const Byte* at = nullptr;
    std::size_t size = 0;
    CborValue next{};
    if (!cbor_value_is_length_known(top()) ||
        cbor_value_get_byte_string_chunk(top(), &at, &size, &next) != CborNoError || size > max) {
        return Status::malformed;
    }
    // With a known length there is one chunk; advance() then steps over the whole string.
    if (cbor_value_advance(top()) != CborNoError) {
        return Status::malformed;
    }
    return ByteView(at, size);
}

Result<std::string_view> CborReader::text(std::size_t max) {
    TRY(check_head(CborTextStringType));
    const char* at = nullptr;
    std::size_t size = 0;
    CborValue next{};
    if (!cbor_value_is_length_known(top()) ||
        cbor_value_get_text_string_chunk(top(), &at, &size, &next) != CborNoError || size > max ||
        !is_utf8({at, size}) || cbor_value_advance(top()) != CborNoError) {
        return Status::malformed;
    }
    return std::string_view(at, size);
}

Result<void> CborReader::finish() {
    if (!usable_ || depth_ != 0 || !cbor_value_at_end(top()) ||
        cbor_value_get_next_byte(top()) != message_.data() + message_.size()) {
        return Status::malformed;
    }
    return {};
}

}  // namespace hsm::protocol
