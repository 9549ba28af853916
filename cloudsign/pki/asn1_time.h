#pragma once

#include <cstdint>
#include <ctime>

#include <openssl/asn1.h>

namespace cloudsign::pki {

// Milliseconds since 1970; a GeneralizedTime's fraction is left out.
inline std::int64_t to_ms(const ASN1_TIME* time) {
    std::tm calendar{};
    ASN1_TIME_to_tm(time, &calendar);
    return static_cast<std::int64_t>(timegm(&calendar)) * 1000;
}

}  // namespace cloudsign::pki
