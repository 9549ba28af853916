#pragma once

#include "hsm/base/bytes.h"

namespace hsm::protocol {

// What registrar and person read to each other when a phone is enrolled: the first 60 bits of the
// passkey's thumbprint in Crockford's base32, XXXX-XXXX-XXXX. Sixty bits, since a hostile server
// may search for a passkey of its own with the same code.
std::array<char, 14> short_code(const Digest& thumbprint);

}  // namespace hsm::protocol
