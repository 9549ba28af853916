#pragma once

#include <cbor.h>

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace hsm::protocol {

// Writes deterministic CBOR (RFC 8949 §4.2.1) into a caller's buffer: the profile of PROTOCOL.md
// "Encoding". What goes wrong on the way shows once, in finish().
class CborWriter {
public:
    explicit CborWriter(MutableBytes buffer);

    void array(std::size_t count);
    void map(std::size_t count);
    void end();  // closes the innermost container

    void number(std::uint64_t value);
    void bytes(ByteView bytes);
    void text(std::string_view text);

    // The caller's own condition on what it writes, such as a limit of the protocol.
    void require(bool condition) { allowed_ = allowed_ && condition; }

    // The bytes written, a view into the buffer; `message_too_large` when they did not fit,
    // `malformed` when a requirement does not hold or a text is not UTF-8.
    Result<ByteView> finish();

private:
    static constexpr std::size_t depth_max = 3;

    void note(CborError error);
    void open(std::size_t count, CborError (*create)(CborEncoder*, CborEncoder*, std::size_t));
    CborEncoder* top() { return &encoders_[depth_]; }

    MutableBytes buffer_;
    std::array<CborEncoder, depth_max + 1> encoders_;
    std::size_t depth_ = 0;
    bool failed_ = false;
    bool allowed_ = true;
};

}  // namespace hsm::protocol
