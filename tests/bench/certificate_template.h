#pragma once

#include <array>
#include <string>

#include "cloudsign/bytes.h"

namespace bench {

// A TBSCertificate with blanks. OpenSSL 3 takes 2 ms to build one and to check its signature, most
// of it in decoding keys; a million of them differ in few bytes.
class CertificateTemplate {
public:
    // What stands for a subscriber's digits in the subject: nothing else in a certificate looks so.
    static constexpr const char* blank_digits = "XXXXXXX";

    CertificateTemplate() = default;
    // `tbs` for a subject with blank_digits and the P-256 key `spki`. Ends the process when one of
    // the blanks is not in it.
    CertificateTemplate(cloudsign::Bytes tbs, cloudsign::Bytes spki);

    // A positive number of the length that the template has.
    static cloudsign::Bytes fresh_serial_number();

    // The TBSCertificate of somebody else.
    cloudsign::Bytes fill(const std::string& digits,
                          hsm::ByteView spki,
                          hsm::ByteView serial_number) const;

private:
    cloudsign::Bytes tbs_;
    cloudsign::Bytes spki_;
    cloudsign::Bytes serial_number_;
};

}  // namespace bench
