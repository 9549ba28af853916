#include "cloudsign/pki/signing_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "cloudsign/pki/signing_reference.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::pki {

namespace openssl = hsm::openssl;

namespace {

Error broken(std::string_view what) {
    const auto code = ERR_peek_last_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    Error error{ErrorKind::internal,
                std::string(what) + ": " + (reason != nullptr ? reason : "OpenSSL gave no reason"),
                0};
    ERR_clear_error();
    return error;
}

}  // namespace

Result<std::unique_ptr<SigningContext>> SigningContext::create() {
    std::unique_ptr<SigningContext> made(new SigningContext);
    made->library_ = OSSL_LIB_CTX_new();
    if (made->library_ == nullptr ||
        OSSL_PROVIDER_add_builtin(made->library_, provider_name, kyso_provider_init) != 1) {
        return broken("signing provider");
    }
    made->standard_ = OSSL_PROVIDER_load(made->library_, "default");
    made->own_ = OSSL_PROVIDER_load(made->library_, provider_name);
    // Both know EC and RSA keys; in this context, and in no other, ours come first.
    if (made->standard_ == nullptr || made->own_ == nullptr ||
        EVP_set_default_properties(made->library_, "?provider=kyso") != 1) {
        return broken("signing provider");
    }
    return made;
}

SigningContext::~SigningContext() {
    OSSL_PROVIDER_unload(own_);
    OSSL_PROVIDER_unload(standard_);
    OSSL_LIB_CTX_free(library_);
}

openssl::X509Ptr SigningContext::read_x509(hsm::ByteView der) const {
    X509* certificate = X509_new_ex(library_, nullptr);
    const unsigned char* at = der.data();
    if (certificate == nullptr ||
        d2i_X509(&certificate, &at, static_cast<long>(der.size())) == nullptr) {
        return nullptr;  // d2i has freed it
    }
    return openssl::X509Ptr(certificate);
}

Result<std::unique_ptr<SigningKey>> SigningKey::create(const SigningContext& context,
                                                       ExternalSigner& signer) {
    std::unique_ptr<SigningKey> made(new SigningKey(signer));
    made->library_ = context.library();
    const bool ecdsa = signer.algorithm().scheme == hsm::protocol::Scheme::ecdsa;
    const std::unique_ptr<EVP_PKEY_CTX, openssl::Freed<EVP_PKEY_CTX_free>> loading(
        EVP_PKEY_CTX_new_from_name(context.library(), ecdsa ? "EC" : "RSA", "provider=kyso"));
    SigningReference* reference = made->reference_.get();
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(signer_parameter, &reference, sizeof(reference)),
        OSSL_PARAM_construct_end()};
    EVP_PKEY* key = nullptr;
    if (!loading || EVP_PKEY_fromdata_init(loading.get()) != 1 ||
        EVP_PKEY_fromdata(loading.get(), &key, EVP_PKEY_KEYPAIR, params) != 1) {
        return broken("a module's key");
    }
    made->key_.reset(key);
    return made;
}

SigningKey::SigningKey(ExternalSigner& signer)
    : signer_(signer), reference_(new SigningReference{&signer, std::nullopt, 0}) {}

SigningKey::~SigningKey() = default;

const EVP_MD* SigningKey::digest() const {
    return openssl::message_digest(signer_.algorithm().digest);
}

openssl::EvpMdContextPtr SigningKey::begin() const {
    openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    if (!context || EVP_DigestSignInit_ex(context.get(),
                                          nullptr,
                                          EVP_MD_get0_name(digest()),
                                          library_,
                                          nullptr,
                                          key_.get(),
                                          nullptr) != 1) {
        return nullptr;
    }
    return context;
}

void SigningKey::forget_failure() {
    reference_->error.reset();
    ERR_clear_error();
}

Error SigningKey::failure(std::string_view what) const {
    if (reference_->error) {
        ERR_clear_error();
        return *reference_->error;
    }
    return broken(what);
}

}  // namespace cloudsign::pki
