#pragma once

#include <memory>
#include <string>

#include "hsm/openssl/pointers.h"

namespace cloudsign::pki {

// A serial number as CertificateFacts has it: hexadecimal, upper case. Empty when there is none.
inline std::string serial_text(const ASN1_INTEGER* serial_number) {
    const hsm::openssl::BignumPtr number(
        serial_number == nullptr ? nullptr : ASN1_INTEGER_to_BN(serial_number, nullptr));
    const std::unique_ptr<char, hsm::openssl::OpensslFree> text(number ? BN_bn2hex(number.get())
                                                                       : nullptr);
    return text ? text.get() : "";
}

}  // namespace cloudsign::pki
