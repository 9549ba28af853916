#pragma once

#include "hsm/base/bytes.h"

namespace firmware::engine::psa {

// On a board, before initialize(): the memory that Mbed TLS divides up, for good. It outlives every
// use of the engine and the channel. On Linux there is the heap, and no such function.
void use_arena(hsm::MutableBytes arena);

}  // namespace firmware::engine::psa
