#pragma once

#include <memory>

#include "cloudsign/pki/external_signer.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::pki {

struct SigningReference;

// A library context of OpenSSL of our own, with a provider in it whose private keys are
// ExternalSigners: what OpenSSL builds and signs (lists, OCSP answers, time-stamps) is signed by a
// module. Nothing of this is global: no engine, no default properties elsewhere. Any thread.
class SigningContext {
public:
    // `internal` when OpenSSL does not take it.
    static Result<std::unique_ptr<SigningContext>> create();
    ~SigningContext();
    SigningContext(const SigningContext&) = delete;
    SigningContext& operator=(const SigningContext&) = delete;

    OSSL_LIB_CTX* library() const { return library_; }

    // A certificate in this context: OpenSSL compares keys within one alone.
    hsm::openssl::X509Ptr read_x509(hsm::ByteView der) const;

private:
    SigningContext() = default;

    OSSL_LIB_CTX* library_ = nullptr;
    OSSL_PROVIDER* own_ = nullptr;
    OSSL_PROVIDER* standard_ = nullptr;
};

// One signer as OpenSSL's private key, for one object to be signed by one thread.
class SigningKey {
public:
    // `internal` when the signer's public key cannot be read. `context` and `signer` outlive it.
    static Result<std::unique_ptr<SigningKey>> create(const SigningContext& context,
                                                      ExternalSigner& signer);
    ~SigningKey();
    SigningKey(const SigningKey&) = delete;
    SigningKey& operator=(const SigningKey&) = delete;

    EVP_PKEY* get() const { return key_.get(); }
    const EVP_MD* digest() const;

    // Ready for X509_CRL_sign_ctx() and its like; nothing on an error.
    hsm::openssl::EvpMdContextPtr begin() const;

    // Forgets what went wrong before.
    void forget_failure();

    // Why OpenSSL could not sign: what the signer said, or otherwise OpenSSL's own words, which are
    // taken off its queue.
    Error failure(std::string_view what) const;

private:
    explicit SigningKey(ExternalSigner& signer);

    ExternalSigner& signer_;
    OSSL_LIB_CTX* library_ = nullptr;
    std::unique_ptr<SigningReference> reference_;
    hsm::openssl::EvpKeyPtr key_;
};

}  // namespace cloudsign::pki
