#pragma once

#include <openssl/types.h>

namespace cloudsign::pki {

// Whether documents may be signed with a certificate: its key usage is for signatures (RFC 5280
// §4.2.1.3), and its extended key usage, where it has one, not only for servers, code, time-stamps
// or OCSP (§4.2.1.12). Sets what OpenSSL remembers of the extensions.
bool is_for_documents(X509* certificate);

}  // namespace cloudsign::pki
