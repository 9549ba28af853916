#pragma once

#include <string>

#include "cloudsign/pki/certificate.h"
#include "hsm/openssl/pointers.h"
#include "tests/bench/certificate_template.h"

namespace bench {

struct IssuedCertificate {
    cloudsign::Bytes der;
    std::string serial_number;  // hexadecimal
};

// A certification authority that lives as long as one filling of a database: its key is made, used
// and forgotten here. The appliance's own would need an officer's approval for each batch.
class Authority {
public:
    explicit Authority(const std::string& subject);

    const cloudsign::Bytes& certificate() const { return certificate_; }
    const cloudsign::pki::CertificateFacts& facts() const { return facts_; }

    // A real certificate for a subscriber's P-256 key, valid as long as the authority's own.
    IssuedCertificate issue(const std::string& digits, hsm::ByteView spki);

private:
    cloudsign::Bytes sign(const cloudsign::Bytes& tbs) const;

    hsm::openssl::EvpKeyPtr key_;
    cloudsign::Bytes certificate_;
    cloudsign::pki::CertificateFacts facts_;
    CertificateTemplate template_;
    std::uint64_t issued_ = 0;
};

}  // namespace bench
