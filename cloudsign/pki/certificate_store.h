#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <openssl/x509.h>

#include "hsm/openssl/der.h"

namespace cloudsign::pki {

using StorePtr = std::unique_ptr<X509_STORE, hsm::openssl::Freed<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, hsm::openssl::Freed<X509_STORE_CTX_free>>;

struct CertificatesFree {
    void operator()(STACK_OF(X509) * certificates) const {
        sk_X509_pop_free(certificates, X509_free);
    }
};
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), CertificatesFree>;

// What is no certificate is left out.
inline CertificatesPtr stack_of(const std::vector<hsm::Bytes>& certificates) {
    CertificatesPtr stack(sk_X509_new_null());
    for (const auto& der : certificates) {
        auto one = hsm::openssl::read_x509(der);
        if (one && sk_X509_push(stack.get(), one.get()) > 0) {
            static_cast<void>(one.release());
        }
    }
    return stack;
}

// Believes in `anchors`, self-signed or not, and looks at what it is shown as of that time; now
// where there is none.
inline StorePtr store_of(const std::vector<hsm::Bytes>& anchors,
                         std::optional<std::int64_t> at_ms) {
    StorePtr store(X509_STORE_new());
    for (const auto& der : anchors) {
        const auto one = hsm::openssl::read_x509(der);
        if (one) {
            X509_STORE_add_cert(store.get(), one.get());
        }
    }
    auto* parameters = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    if (at_ms) {
        X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(*at_ms / 1000));
    }
    return store;
}

}  // namespace cloudsign::pki
