#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::engine {

constexpr hsm::Byte der_integer = 0x02;
constexpr hsm::Byte der_bit_string = 0x03;
constexpr hsm::Byte der_octet_string = 0x04;
constexpr hsm::Byte der_sequence = 0x30;

// Reads DER (X.690 §10) off a byte view and nothing that is BER only: definite lengths in the
// shortest form, minimal integers. Every refusal is `malformed`.
class DerReader {
public:
    explicit DerReader(hsm::ByteView bytes) : rest_(bytes) {}

    // The contents of the next element, which must have this tag.
    hsm::Result<hsm::ByteView> element(hsm::Byte tag);
    // The magnitude, without a sign octet, of the next INTEGER, which must be > 0.
    hsm::Result<hsm::ByteView> positive_integer();
    // The next bytes are exactly these.
    hsm::Result<void> literal(hsm::ByteView expected);
    hsm::Result<void> end() const;

    hsm::ByteView rest() const { return rest_; }

private:
    hsm::ByteView rest_;
};

// Writes DER from the end of a buffer towards its start, so that each length is known when it is
// written: the innermost and last element first.
class DerWriter {
public:
    explicit DerWriter(hsm::MutableBytes buffer) : buffer_(buffer), start_(buffer.size()) {}

    void bytes(hsm::ByteView bytes);
    void byte(hsm::Byte byte);
    // Puts a header before the last `content_size` bytes written.
    void header(hsm::Byte tag, std::size_t content_size);
    // INTEGER of an unsigned big-endian magnitude.
    void positive_integer(hsm::ByteView magnitude);

    bool ok() const { return ok_; }
    std::size_t size() const { return buffer_.size() - start_; }
    hsm::ByteView written() const { return buffer_.subspan(start_); }

private:
    hsm::MutableBytes buffer_;
    std::size_t start_;
    bool ok_ = true;
};

}  // namespace firmware::engine
