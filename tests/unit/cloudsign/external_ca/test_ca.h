#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/pki/distinguished_name.h"
#include "hsm/base/check.h"
#include "hsm/openssl/der.h"

namespace cloudsign::external_ca {

// What an authority of the tests puts into a certificate.
struct CertificateWish {
    Bytes spki;
    std::string subject;
    const char* key_usage = "critical,digitalSignature,nonRepudiation";  // nullptr: none
    const char* extended_key_usage = nullptr;                            // none
    bool authority = false;
    const char* digest = "SHA256";
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
    long serial_number = 0;
};

// An authority with a key of OpenSSL's: what stands outside the appliance.
class TestCa {
public:
    explicit TestCa(const std::string& name, std::int64_t now_ms, const TestCa* issuer = nullptr)
        : key_(EVP_EC_gen("P-256")), now_ms_(now_ms) {
        wish_.spki = hsm::openssl::to_der(key_.get(), i2d_PUBKEY);
        wish_.subject = name;
        wish_.key_usage = "critical,keyCertSign,cRLSign";
        wish_.authority = true;
        certificate_ = issuer == nullptr ? make(wish_, key_.get(), {}) : issuer->issue(wish_);
    }

    const Bytes& certificate() const { return certificate_; }
    // Of its own certificate, for another authority to issue one, too.
    const CertificateWish& wish() const { return wish_; }

    Bytes issue(const CertificateWish& wish) const { return make(wish, key_.get(), certificate_); }

private:
    Bytes make(const CertificateWish& wish, EVP_PKEY* key, const Bytes& issuer) const {
        constexpr std::int64_t year_ms = 365ll * 24 * 3600 * 1000;
        static long serial_number = 1000;
        hsm::openssl::X509Ptr made(X509_new());
        X509_set_version(made.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()),
                         wish.serial_number != 0 ? wish.serial_number : ++serial_number);
        const auto from = wish.from_ms > 0 ? wish.from_ms : now_ms_ - 60'000;
        const auto to = wish.to_ms > 0 ? wish.to_ms : now_ms_ + year_ms;
        ASN1_TIME_set(X509_getm_notBefore(made.get()), from / 1000);
        ASN1_TIME_set(X509_getm_notAfter(made.get()), to / 1000);
        const auto name = pki::parse_name(wish.subject);
        CHECK(name.has_value());
        X509_set_subject_name(made.get(), name->get());
        const auto parent = issuer.empty() ? nullptr : hsm::openssl::read_x509(issuer);
        X509_set_issuer_name(made.get(),
                             parent ? X509_get_subject_name(parent.get()) : name->get());
        const auto subject_key = hsm::openssl::read_spki(wish.spki);
        CHECK(subject_key != nullptr);
        X509_set_pubkey(made.get(), subject_key.get());
        const auto add = [&](int nid, const char* value) {
            hsm::openssl::X509ExtensionPtr extension(
                X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
            CHECK(extension != nullptr);
            X509_add_ext(made.get(), extension.get(), -1);
        };
        add(NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
        if (wish.key_usage != nullptr) {
            add(NID_key_usage, wish.key_usage);
        }
        if (wish.extended_key_usage != nullptr) {
            add(NID_ext_key_usage, wish.extended_key_usage);
        }
        CHECK(X509_sign(made.get(), key, EVP_get_digestbyname(wish.digest)) > 0);
        return hsm::openssl::to_der(made.get(), i2d_X509);
    }

    hsm::openssl::EvpKeyPtr key_;
    std::int64_t now_ms_;
    CertificateWish wish_;
    Bytes certificate_;
};

}  // namespace cloudsign::external_ca
