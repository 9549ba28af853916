#pragma once

#include "hsm/base/bytes.h"

namespace hsm::base {

// Overwrites with zeros in a way that the optimiser may not remove.
void zeroize(MutableBytes bytes);

}  // namespace hsm::base

namespace hsm {
using base::zeroize;
}
