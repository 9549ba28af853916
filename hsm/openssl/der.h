#pragma once

#include <type_traits>

#include "hsm/openssl/bytes.h"
#include "hsm/openssl/pointers.h"

// DER in and out of OpenSSL's objects.
namespace hsm::openssl {

// Empty when OpenSSL cannot encode the object.
template <class T>
Bytes to_der(std::type_identity_t<T>* object, int (*encode)(T*, unsigned char**)) {
    const int size = encode(object, nullptr);
    if (size <= 0) {
        return {};
    }
    Bytes der(static_cast<std::size_t>(size));
    unsigned char* at = der.data();
    encode(object, &at);
    return der;
}

// nullptr unless `der` is exactly one object.
template <class Pointer>
Pointer from_der(ByteView der,
                 typename Pointer::pointer (*decode)(typename Pointer::pointer*,
                                                     const unsigned char**,
                                                     long)) {
    const unsigned char* at = der.data();
    Pointer object(decode(nullptr, &at, static_cast<long>(der.size())));
    if (at != der.data() + der.size()) {
        return nullptr;
    }
    return object;
}

inline X509Ptr read_x509(ByteView der) {
    return from_der<X509Ptr>(der, d2i_X509);
}

inline EvpKeyPtr read_spki(ByteView der) {
    return from_der<EvpKeyPtr>(der, d2i_PUBKEY);
}

}  // namespace hsm::openssl
