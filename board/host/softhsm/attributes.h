#pragma once

#include <p11-kit/pkcs11.h>

#include "hsm/base/bytes.h"

namespace board::host::softhsm {

// An attribute template that owns the scalar values it points at; byte strings stay the caller's.
class Attributes {
public:
    Attributes() = default;
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;

    Attributes& flag(CK_ATTRIBUTE_TYPE type, bool value);
    Attributes& number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
    Attributes& bytes(CK_ATTRIBUTE_TYPE type, hsm::ByteView value);
    Attributes& text(CK_ATTRIBUTE_TYPE type, std::string_view value);
    // `value` must outlive this.
    Attributes& nested(CK_ATTRIBUTE_TYPE type, Attributes& value);

    CK_ATTRIBUTE* list() { return attributes_.data(); }
    CK_ULONG count() const { return count_; }

private:
    static constexpr std::size_t capacity = 20;

    void append(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size);

    std::array<CK_ATTRIBUTE, capacity> attributes_{};
    std::array<CK_ULONG, capacity> numbers_{};
    std::array<CK_BBOOL, capacity> flags_{};
    std::size_t count_ = 0;
};

}  // namespace board::host::softhsm
