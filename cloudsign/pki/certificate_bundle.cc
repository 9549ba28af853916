#include "cloudsign/pki/certificate_bundle.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "hsm/openssl/der.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

void add_those_of(const PKCS7* bundle, std::vector<Bytes>& certificates) {
    if (bundle == nullptr || !PKCS7_type_is_signed(bundle) || bundle->d.sign == nullptr) {
        return;
    }
    const auto* inside = bundle->d.sign->cert;
    for (int i = 0; i < sk_X509_num(inside); ++i) {
        certificates.push_back(openssl::to_der(sk_X509_value(inside, i), i2d_X509));
    }
}

// Whatever else stands in the text is passed over.
std::vector<Bytes> read_pem(hsm::ByteView file) {
    std::vector<Bytes> certificates;
    const openssl::BioPtr in(BIO_new_mem_buf(file.data(), static_cast<int>(file.size())));
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    while (PEM_read_bio(in.get(), &name, &header, &data, &size) == 1) {
        const std::unique_ptr<char, openssl::OpensslFree> name_owner(name);
        const std::unique_ptr<char, openssl::OpensslFree> header_owner(header);
        const openssl::OpensslBytesPtr data_owner(data);
        const hsm::ByteView der(data, static_cast<std::size_t>(size));
        const std::string_view kind(name);
        if (kind == PEM_STRING_X509 || kind == PEM_STRING_X509_OLD) {
            if (openssl::read_x509(der)) {
                certificates.emplace_back(der.begin(), der.end());
            }
        } else if (kind == PEM_STRING_PKCS7 || kind == PEM_STRING_CMS) {
            add_those_of(openssl::from_der<openssl::Pkcs7Ptr>(der, d2i_PKCS7).get(), certificates);
        }
    }
    return certificates;
}

}  // namespace

Result<std::vector<Bytes>> read_bundle(hsm::ByteView file) {
    auto certificates = read_pem(file);
    if (certificates.empty() && openssl::read_x509(file)) {
        certificates.emplace_back(file.begin(), file.end());
    }
    if (certificates.empty()) {
        add_those_of(openssl::from_der<openssl::Pkcs7Ptr>(file, d2i_PKCS7).get(), certificates);
    }
    ERR_clear_error();
    if (certificates.empty()) {
        return Error{ErrorKind::invalid,
                     "holds no certificate: neither in PEM nor DER, nor a PKCS #7 bundle"};
    }
    return certificates;
}

}  // namespace cloudsign::pki
