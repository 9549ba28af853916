#include "firmware/engine/psa/initialize.h"

#include <psa/crypto.h>

#include "firmware/engine/psa/status_map.h"

namespace firmware::engine::psa {

hsm::Result<void> initialize() {
    return checked(psa_crypto_init());
}

}  // namespace firmware::engine::psa
