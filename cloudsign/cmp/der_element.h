#pragma once

#include <optional>

#include "hsm/base/bytes.h"

namespace cloudsign::cmp {

// One element of DER: OpenSSL 3.0 reads CMP and CRMF whole, but tells no public key of a
// CertTemplate, no reason of a revocation and no iteration count.
struct DerElement {
    int tag = 0;
    bool is_context = false;  // of class context-specific; otherwise of any other
    hsm::ByteView content;
    hsm::ByteView whole;  // with tag and length
};

// The one at the front of `rest`, which then begins behind it; nothing at its end and for what is
// no DER.
std::optional<DerElement> take_element(hsm::ByteView& rest);

// The first of class context-specific with that tag in `content`.
std::optional<DerElement> find_context(hsm::ByteView content, int tag);

}  // namespace cloudsign::cmp
