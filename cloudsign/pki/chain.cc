#include "cloudsign/pki/chain.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "cloudsign/pki/certificate_store.h"

namespace cloudsign::pki {

namespace openssl = hsm::openssl;

Result<std::vector<Bytes>> find_chain(const Bytes& leaf,
                                      const std::vector<Bytes>& others,
                                      const std::vector<Bytes>& anchors,
                                      std::int64_t at_ms) {
    const auto certificate = openssl::read_x509(leaf);
    const auto store = store_of(anchors, at_ms);
    const auto between = stack_of(others);
    const StoreContextPtr context(X509_STORE_CTX_new());
    if (!certificate ||
        X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), between.get()) != 1) {
        return Error{ErrorKind::invalid, "a certificate cannot be read"};
    }
    if (X509_verify_cert(context.get()) != 1) {
        ERR_clear_error();
        return Error{ErrorKind::invalid,
                     X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))};
    }
    std::vector<Bytes> chain;
    auto* found = X509_STORE_CTX_get0_chain(context.get());
    for (int i = 0; i < sk_X509_num(found); ++i) {
        chain.push_back(openssl::to_der(sk_X509_value(found, i), i2d_X509));
    }
    return chain;
}

std::vector<Bytes> certificates_of_pem(const std::string& pem) {
    std::vector<Bytes> certificates;
    const openssl::BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    while (const auto one =
               openssl::X509Ptr(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr))) {
        certificates.push_back(openssl::to_der(one.get(), i2d_X509));
    }
    ERR_clear_error();
    return certificates;
}

}  // namespace cloudsign::pki
