#include "firmware/engine/psa/platform.h"

#include <mbedtls/memory_buffer_alloc.h>

namespace firmware::engine::psa {

void use_arena(hsm::MutableBytes arena) {
    mbedtls_memory_buffer_alloc_init(arena.data(), arena.size());
}

}  // namespace firmware::engine::psa
