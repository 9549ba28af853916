#include "hsm/protocol/cbor_writer.h"

#include "hsm/protocol/utf8.h"

namespace hsm::protocol {
namespace {

// TinyCBOR copies from and counts on every pointer that it gets, be the length zero: never null.
constexpr Byte nothing = 0;
Byte no_room = 0;

}  // namespace

CborWriter::CborWriter(MutableBytes buffer) : buffer_(buffer), encoders_{} {
    cbor_encoder_init(top(), buffer.empty() ? &no_room : buffer.data(), buffer.size(), 0);
}

void CborWriter::note(CborError error) {
    failed_ = failed_ || error != CborNoError;
}

void CborWriter::open(std::size_t count,
                      CborError (*create)(CborEncoder*, CborEncoder*, std::size_t)) {
    CHECK(depth_ < depth_max);
    auto* parent = top();
    note(create(parent, &encoders_[depth_ + 1], count));
    ++depth_;
}

void CborWriter::array(std::size_t count) {
    open(count, cbor_encoder_create_array);
}
void CborWriter::map(std::size_t count) {
    open(count, cbor_encoder_create_map);
}

void CborWriter::end() {
    CHECK(depth_ > 0);
    auto* child = top();
    --depth_;
    note(cbor_encoder_close_container_checked(top(), child));
}

void CborWriter::number(std::uint64_t value) {
    note(cbor_encode_uint(top(), value));
}

void CborWriter::bytes(ByteView bytes) {
    note(cbor_encode_byte_string(top(), bytes.empty() ? &nothing : bytes.data(), bytes.size()));
}

void CborWriter::text(std::string_view text) {
    require(is_utf8(text));
    note(cbor_encode_text_string(top(), text.empty() ? "" : text.data(), text.size()));
}

Result<ByteView> CborWriter::finish() {
    CHECK(depth_ == 0);
    if (!allowed_) {
        return Status::malformed;
    }
    if (failed_) {
        return Status::message_too_large;
    }
    return ByteView(buffer_.first(cbor_encoder_get_buffer_size(top(), buffer_.data())));
}

}  // namespace hsm::protocol
