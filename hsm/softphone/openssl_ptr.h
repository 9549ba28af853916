#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace hsm::softphone {

template <auto free_function>
struct FreedBy {
    template <class T>
    void operator()(T* object) const {
        free_function(object);
    }
};

using BioPtr = std::unique_ptr<BIO, FreedBy<BIO_free>>;
using EvpKeyPtr = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using EvpMdContextPtr = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, FreedBy<X509_free>>;
using BasicConstraintsPtr = std::unique_ptr<BASIC_CONSTRAINTS, FreedBy<BASIC_CONSTRAINTS_free>>;

}  // namespace hsm::softphone
