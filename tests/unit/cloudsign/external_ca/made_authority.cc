#include "tests/unit/cloudsign/external_ca/made_authority.h"

#include <sstream>

#include <openssl/x509v3.h>

#include "cloudsign/random.h"

namespace cloudsign::external_ca {
namespace {

namespace openssl = hsm::openssl;

constexpr long day_s = 24 * 3600;

void set_name(X509_NAME* name, const std::string& common_name) {
    X509_NAME_add_entry_by_txt(name,
                               "CN",
                               MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()),
                               -1,
                               -1,
                               0);
}

openssl::X509Ptr make(const std::string& common_name,
                      EVP_PKEY* key,
                      const std::string& usage,
                      X509* issuer,
                      EVP_PKEY* issuer_key) {
    openssl::X509Ptr made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    std::array<hsm::Byte, 8> serial{};
    fill_random(serial);
    const openssl::BignumPtr number(BN_bin2bn(serial.data(), serial.size(), nullptr));
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get()));
    set_name(X509_get_subject_name(made.get()), common_name);
    X509* by = issuer != nullptr ? issuer : made.get();
    X509_set_issuer_name(made.get(), X509_get_subject_name(by));
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -day_s);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), day_s);
    X509_set_pubkey(made.get(), key);
    X509V3_CTX context;
    X509V3_set_ctx(&context, by, made.get(), nullptr, nullptr, 0);
    std::istringstream lines(usage + "\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid");
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find('=');
        const openssl::X509ExtensionPtr extension(X509V3_EXT_nconf(
            nullptr, &context, line.substr(0, equals).c_str(), line.substr(equals + 1).c_str()));
        CHECK(X509_add_ext(made.get(), extension.get(), -1) == 1);
    }
    CHECK(X509_sign(made.get(), issuer_key, EVP_sha256()) > 0);
    return made;
}

}  // namespace

Bytes made_request(const std::string& common_name, const MadeKey& key) {
    const std::unique_ptr<X509_REQ, openssl::Freed<X509_REQ_free>> request(X509_REQ_new());
    set_name(X509_REQ_get_subject_name(request.get()), common_name);
    X509_REQ_set_pubkey(request.get(), key.key.get());
    CHECK(X509_REQ_sign(request.get(), key.key.get(), EVP_sha256()) > 0);
    return openssl::to_der(request.get(), i2d_X509_REQ);
}

MadeCertificate::MadeCertificate(const std::string& common_name,
                                 const std::string& usage,
                                 const MadeCertificate* issuer)
    : certificate(make(common_name,
                       key.key.get(),
                       usage,
                       issuer != nullptr ? issuer->certificate.get() : nullptr,
                       issuer != nullptr ? issuer->key.key.get() : key.key.get())) {}

openssl::X509Ptr MadeCertificate::certify(const std::string& common_name,
                                          EVP_PKEY* of,
                                          const std::string& usage) const {
    return make(common_name, of, usage, certificate.get(), key.key.get());
}

}  // namespace cloudsign::external_ca
