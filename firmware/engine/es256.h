#pragma once

#include "hsm/base/result.h"
#include "hsm/protocol/types.h"

namespace firmware::engine {

// ECDSA P-256 over an SHA-256 digest; `raw` is r ‖ s. `signature_wrong` when it does not verify,
// has another size, or `point` is not on the curve. Implemented once, in engine/psa, for every
// engine and for the loader: verifying needs no key of the module.
hsm::Result<void> verify_es256(const hsm::protocol::Point& point,
                               const hsm::Digest& digest,
                               hsm::ByteView raw);

}  // namespace firmware::engine
