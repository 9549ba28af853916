#include "cloudsign/cmp/der_element.h"

#include <openssl/asn1.h>
#include <openssl/err.h>

namespace cloudsign::cmp {

std::optional<DerElement> take_element(hsm::ByteView& rest) {
    if (rest.empty()) {
        return std::nullopt;
    }
    constexpr int error_flag = 0x80;
    constexpr int indefinite_flag = 0x01;
    const unsigned char* at = rest.data();
    long size = 0;
    int tag = 0;
    int object_class = 0;
    const int flags =
        ASN1_get_object(&at, &size, &tag, &object_class, static_cast<long>(rest.size()));
    if ((flags & (error_flag | indefinite_flag)) != 0) {
        ERR_clear_error();
        return std::nullopt;
    }
    const auto head = static_cast<std::size_t>(at - rest.data());
    const auto whole = head + static_cast<std::size_t>(size);
    const DerElement element{tag,
                             object_class == V_ASN1_CONTEXT_SPECIFIC,
                             rest.subspan(head, whole - head),
                             rest.first(whole)};
    rest = rest.subspan(whole);
    return element;
}

std::optional<DerElement> find_context(hsm::ByteView content, int tag) {
    while (const auto element = take_element(content)) {
        if (element->is_context && element->tag == tag) {
            return element;
        }
    }
    return std::nullopt;
}

}  // namespace cloudsign::cmp
