#pragma once

#include "hsm/base/bytes.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::pki {

// As hsm::openssl::read_x509(), but what was read lately is not read again: OpenSSL 3.0 takes some
// 150 us for a certificate, nearly all of it to look for a decoder of its key. nullptr unless `der`
// is exactly one certificate. Any number of callers may share it, from any thread: none may change
// it.
hsm::openssl::X509Ptr parsed_certificate(hsm::ByteView der);

}  // namespace cloudsign::pki
