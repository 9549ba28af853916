#pragma once

#include <string_view>

#include "cloudsign/error.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::pki {

// Reads a distinguished name as RFC 4514 writes it: most specific part first, `\` escapes,
// attribute types CN, SN, GN, serialNumber, title, O, OU, L, ST, STREET, C, DC, UID,
// organizationIdentifier, emailAddress. Multi-valued parts (`+`) and `#hex` values are refused, so
// are values with characters that a reader would not see, and whatever OpenSSL does not take (empty
// values, lengths over the X.520 bounds).
Result<hsm::openssl::X509NamePtr> parse_name(std::string_view text);

// RFC 4514, UTF-8 kept as it is.
std::string format_name(const X509_NAME* name);

// The first value of that type, in UTF-8; empty when the name has none.
std::string attribute_of(const X509_NAME* name, int nid);

// Whether the name is an organisation's. Vietnam's certificates tell one by its tax code or budget
// code (UID=MST:…, MSNS:…), ETSI's by organizationIdentifier; otherwise the common name is the
// organisation's.
bool names_organisation(const X509_NAME* name);

}  // namespace cloudsign::pki
