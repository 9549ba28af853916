#pragma once

#include <memory>
#include <string>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// OpenSSL objects that end with their scope.
namespace hsm::openssl {

template <auto free_function>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        free_function(object);
    }
};

using Asn1IntegerPtr = std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>>;
using BasicConstraintsPtr = std::unique_ptr<BASIC_CONSTRAINTS, Freed<BASIC_CONSTRAINTS_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free>>;
using EssCertPtr = std::unique_ptr<ESS_SIGNING_CERT_V2, Freed<ESS_SIGNING_CERT_V2_free>>;
using EvpKeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using EvpMdContextPtr = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
struct OpensslFree {
    void operator()(void* memory) const { OPENSSL_free(memory); }
};
using OpensslBytesPtr = std::unique_ptr<unsigned char, OpensslFree>;
using Pkcs7Ptr = std::unique_ptr<PKCS7, Freed<PKCS7_free>>;
using X509AlgorPtr = std::unique_ptr<X509_ALGOR, Freed<X509_ALGOR_free>>;
using X509AttributePtr = std::unique_ptr<X509_ATTRIBUTE, Freed<X509_ATTRIBUTE_free>>;
using X509ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using X509NamePtr = std::unique_ptr<X509_NAME, Freed<X509_NAME_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using X509PubkeyPtr = std::unique_ptr<X509_PUBKEY, Freed<X509_PUBKEY_free>>;

// What was written into a memory BIO.
inline std::string text_of(BIO* memory) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace hsm::openssl
