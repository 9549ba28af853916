#include <psa/crypto.h>

#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/status_map.h"

// In the place of initialize.cc where nothing needs a random number: the loader, which only
// verifies. PSA wants a source all the same, and gets one that refuses.
extern "C" psa_status_t mbedtls_psa_external_get_random(
    mbedtls_psa_external_random_context_t* /*context*/,
    std::uint8_t* /*output*/,
    std::size_t /*output_size*/,
    std::size_t* /*output_length*/) {
    return PSA_ERROR_INSUFFICIENT_ENTROPY;
}

namespace firmware::engine::psa {

hsm::Result<void> initialize() {
    return checked(psa_crypto_init());
}

}  // namespace firmware::engine::psa
