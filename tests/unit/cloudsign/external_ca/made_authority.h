#pragma once

#include <string>

#include "cloudsign/bytes.h"
#include "hsm/openssl/der.h"

// A small PKI of OpenSSL's making, valid now: OSSL_CMP looks at the system's clock.
namespace cloudsign::external_ca {

struct MadeKey {
    MadeKey() : key(EVP_EC_gen("P-256")) {}

    hsm::openssl::EvpKeyPtr shared() const {
        EVP_PKEY_up_ref(key.get());
        return hsm::openssl::EvpKeyPtr(key.get());
    }

    hsm::openssl::EvpKeyPtr key;
};

// PKCS #10, signed by `key`.
Bytes made_request(const std::string& common_name, const MadeKey& key);

struct MadeCertificate {
    // `usage`: extensions as OpenSSL's configuration writes them, "name=value" by lines. Without an
    // issuer, self-signed.
    MadeCertificate(const std::string& common_name,
                    const std::string& usage,
                    const MadeCertificate* issuer);

    // By this authority, for the key of a request.
    hsm::openssl::X509Ptr certify(const std::string& common_name,
                                  EVP_PKEY* key,
                                  const std::string& usage) const;

    Bytes der() const { return hsm::openssl::to_der(certificate.get(), i2d_X509); }

    MadeKey key;
    hsm::openssl::X509Ptr certificate;
};

inline constexpr auto as_authority =
    "basicConstraints=critical,CA:TRUE\n"
    "keyUsage=critical,keyCertSign,digitalSignature";
inline constexpr auto as_person = "keyUsage=critical,digitalSignature";
inline constexpr auto as_registration =
    "keyUsage=critical,digitalSignature\n"
    "extendedKeyUsage=cmcRA";

// A root, who issues below it, who signs CMP's answers there, and who signs our requests.
struct MadeAuthority {
    MadeCertificate root{"Root", as_authority, nullptr};
    MadeCertificate issuer{"Issuer", as_authority, &root};
    MadeCertificate service{"CMP service", as_registration, &issuer};
    MadeCertificate office{"Our office", as_person, &issuer};
};

}  // namespace cloudsign::external_ca
