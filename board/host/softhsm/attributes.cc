#include "board/host/softhsm/attributes.h"

namespace board::host::softhsm {

Attributes& Attributes::flag(CK_ATTRIBUTE_TYPE type, bool value) {
    CHECK(count_ < capacity);
    flags_[count_] = value ? CK_TRUE : CK_FALSE;
    append(type, &flags_[count_], sizeof(CK_BBOOL));
    return *this;
}

Attributes& Attributes::number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    CHECK(count_ < capacity);
    numbers_[count_] = value;
    append(type, &numbers_[count_], sizeof(CK_ULONG));
    return *this;
}

Attributes& Attributes::bytes(CK_ATTRIBUTE_TYPE type, hsm::ByteView value) {
    append(type, value.data(), value.size());
    return *this;
}

Attributes& Attributes::text(CK_ATTRIBUTE_TYPE type, std::string_view value) {
    return bytes(type, hsm::view_of(value));
}

Attributes& Attributes::nested(CK_ATTRIBUTE_TYPE type, Attributes& value) {
    append(type, value.list(), value.count() * sizeof(CK_ATTRIBUTE));
    return *this;
}

void Attributes::append(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
    CHECK(count_ < capacity);
    // PKCS#11 has one structure for reading and writing; nothing writes through this pointer.
    attributes_[count_++] = {type, const_cast<void*>(value), size};
}

}  // namespace board::host::softhsm
