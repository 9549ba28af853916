#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "hsm/base/bytes.h"

// OpenSSL objects that end with their scope, and DER in and out of them.
namespace cloudsign::pki {

template <auto free_function>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        free_function(object);
    }
};

using Asn1IntegerPtr = std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using EvpKeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using X509NamePtr = std::unique_ptr<X509_NAME, Freed<X509_NAME_free>>;
using X509AlgorPtr = std::unique_ptr<X509_ALGOR, Freed<X509_ALGOR_free>>;
using X509ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using X509PubkeyPtr = std::unique_ptr<X509_PUBKEY, Freed<X509_PUBKEY_free>>;
using X509AttributePtr = std::unique_ptr<X509_ATTRIBUTE, Freed<X509_ATTRIBUTE_free>>;
using Pkcs7Ptr = std::unique_ptr<PKCS7, Freed<PKCS7_free>>;
using EssCertPtr = std::unique_ptr<ESS_SIGNING_CERT_V2, Freed<ESS_SIGNING_CERT_V2_free>>;

// DER of an object; empty when OpenSSL cannot encode it.
template <class T>
std::vector<hsm::Byte> to_der(T* object, int (*encode)(T*, unsigned char**)) {
    const int size = encode(object, nullptr);
    if (size <= 0) {
        return {};
    }
    std::vector<hsm::Byte> der(static_cast<std::size_t>(size));
    unsigned char* at = der.data();
    encode(object, &at);
    return der;
}

template <class T>
std::vector<hsm::Byte> to_der(const T* object, int (*encode)(const T*, unsigned char**)) {
    const int size = encode(object, nullptr);
    if (size <= 0) {
        return {};
    }
    std::vector<hsm::Byte> der(static_cast<std::size_t>(size));
    unsigned char* at = der.data();
    encode(object, &at);
    return der;
}

// nullptr unless `der` is exactly one object.
template <class T>
T* from_der(hsm::ByteView der, T* (*decode)(T**, const unsigned char**, long)) {
    const unsigned char* at = der.data();
    return decode(nullptr, &at, static_cast<long>(der.size()));
}

inline X509Ptr read_x509(hsm::ByteView der) {
    const unsigned char* at = der.data();
    X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!certificate || at != der.data() + der.size()) {
        return nullptr;
    }
    return certificate;
}

}  // namespace cloudsign::pki
